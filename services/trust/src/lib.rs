// SPDX-License-Identifier: EUPL-1.2
//! The trust service: opens `/var`, and nothing but the `/var` that this device made (O2, C6).
//!
//! `/var` is a LUKS2 volume with two ways in: a secret sealed to the TPM (PCR 7, our signed PCR 11 policy for the time between
//! leaving the initrd and `sysinit.target`, PCR 15 still zero; on the case a PIN as well), and the operator's recovery key.
//! Opening measures the volume key into PCR 15. The value it then has is kept in the TPM ([`binding`]): a volume with another
//! key, whoever knows it, leads to another value and is closed again.
//!
//! | module | noun |
//! |---|---|
//! | [`course`] | the pure state machine: what is done next |
//! | [`disk`] | the boot disk and its partitions |
//! | [`luks`] | what a LUKS2 header says in the clear |
//! | [`volume`] | making, opening, sealing and closing the volume |
//! | [`binding`] | the TPM's memory of the volume that belongs to it |
//! | [`escrow`] | the recovery key on its way to the operator |
//! | [`command`] | running the system's tools |
//! | [`signature`] | handing `/usr`'s signed root hash to the kernel |

pub mod binding;
pub mod command;
pub mod course;
pub mod disk;
pub mod escrow;
pub mod luks;
pub mod signature;
pub mod volume;
