// SPDX-License-Identifier: EUPL-1.2
//! How much of everything is accepted: more than any town has, less than a device could be worn down with.

/// Bytes of the file.
pub const FILE: usize = 8 * 1024 * 1024;
/// Procedures of one file.
pub const PROCEDURES: usize = 2_000;
/// Organisational units of one file.
pub const ORGANISATIONS: usize = 5_000;
/// Responsibilities of one file.
pub const RESPONSIBILITIES: usize = 20_000;
/// Elements inside each other.
pub const DEPTH: usize = 24;
/// Attributes of one element.
pub const ATTRIBUTES: usize = 16;
/// Bytes of one attribute.
pub const ATTRIBUTE: usize = 1_024;
/// Modules of one procedure.
pub const MODULES: usize = 40;
/// Words to look for one procedure.
pub const KEYWORDS: usize = 100;
/// Links of one module.
pub const LINKS: usize = 40;
/// Characters of an id or a code.
pub const ID: usize = 80;
/// Characters of a name.
pub const NAME: usize = 250;
/// Bytes of one text, its HTML included.
pub const TEXT: usize = 48 * 1024;
/// Bytes of all texts of one procedure in one language, without their HTML: about a hundred pages on a screen.
pub const WHOLE: usize = 128 * 1024;
/// Blocks of one text: headings, paragraphs and list items.
pub const BLOCKS: usize = 400;
