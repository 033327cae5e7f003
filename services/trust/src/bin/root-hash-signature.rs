// SPDX-License-Identifier: EUPL-1.2
//! Runs in the initrd, right before `/usr` is opened: puts the signature of its root hash where systemd-veritysetup looks.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr, miette};
use trust::disk::{Disk, Kind};
use trust::signature::{MAX_PARTITION_BYTES, data_partition_uuid, extract, root_hash};

/// Named in the kernel command line as `root-hash-signature=` (image/mkosi.conf).
const TARGET: &str = "/run/usr-root-hash.p7s";

fn main() -> miette::Result<()> {
    let cmdline = fs::read_to_string("/proc/cmdline")
        .into_diagnostic()
        .wrap_err("cannot read the kernel command line")?;
    let hash = root_hash(&cmdline).into_diagnostic()?;
    let uuid = data_partition_uuid(hash).into_diagnostic()?;
    let link = Path::new("/dev/disk/by-partuuid").join(uuid);
    let node = link
        .canonicalize()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot find the partition {}", link.display()))?;
    let name = node
        .file_name()
        .ok_or_else(|| miette!("{} has no name", node.display()))?;
    let disk = Disk::of_partition(&Path::new("/sys/class/block").join(name)).into_diagnostic()?;
    let partitions = disk.partitions().into_diagnostic()?;
    let label = partitions
        .iter()
        .find(|partition| partition.node == node)
        .map(|partition| format!("{}_sig", partition.label))
        .ok_or_else(|| {
            miette!(
                "{} is no partition of {}",
                node.display(),
                disk.node.display()
            )
        })?;
    let signature = partitions
        .iter()
        .find(|partition| partition.is(Kind::UsrVeritySignature) && partition.label == label)
        .ok_or_else(|| miette!("there is no partition `{label}` on {}", disk.node.display()))?;
    let mut bytes = Vec::new();
    File::open(&signature.node)
        .and_then(|file| file.take(MAX_PARTITION_BYTES).read_to_end(&mut bytes))
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", signature.node.display()))?;
    fs::write(TARGET, extract(&bytes, hash).into_diagnostic()?)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {TARGET}"))
}
