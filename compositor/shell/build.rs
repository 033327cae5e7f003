// SPDX-License-Identifier: EUPL-1.2
//! The build fails where a language lacks a text, has one that German does not have, or asks for a value that German does not give.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};
use fluent_syntax::parser;

const LOCALES: &str = "locales";
/// What the others are compared with: every text is written in German first.
const FIRST: &str = "de";

/// The texts of a language, each with the values in it.
type Texts = BTreeMap<String, BTreeSet<String>>;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed={LOCALES}");
    let problems = problems().unwrap_or_else(|problem| vec![problem]);
    for problem in &problems {
        println!("cargo::error={problem}");
    }
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn problems() -> Result<Vec<String>, String> {
    let first = read(&file(FIRST))?;
    let entries =
        fs::read_dir(LOCALES).map_err(|error| format!("cannot list {LOCALES}: {error}"))?;
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("cannot list {LOCALES}: {error}"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != FIRST {
            let path = file(&name);
            all.extend(compare(&path, &first, &read(&path)?));
        }
    }
    Ok(all)
}

fn file(language: &str) -> PathBuf {
    Path::new(LOCALES).join(language).join("shell.ftl")
}

fn compare(path: &Path, first: &Texts, texts: &Texts) -> Vec<String> {
    let place = path.display();
    let lacks = first.keys().filter(|name| !texts.contains_key(*name));
    let lacks = lacks.map(|name| format!("{place}: the text `{name}` is missing"));
    let differs = texts
        .iter()
        .flat_map(|(name, values)| match first.get(name) {
            None => vec![format!("{place}: `{name}` is no text of {FIRST}")],
            Some(given) => values
                .difference(given)
                .map(|value| format!("{place}: `{name}` has no value `{value}`"))
                .collect(),
        });
    lacks.chain(differs).collect()
}

fn read(path: &Path) -> Result<Texts, String> {
    let source = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let resource = parser::parse(source.as_str()).map_err(|(_, errors)| {
        let first = errors.first();
        let line = first.map_or(0, |error| {
            1 + source[..error.pos.start].matches('\n').count()
        });
        let what = first.map(ToString::to_string).unwrap_or_default();
        format!("{}:{line}: {what}", path.display())
    })?;
    let mut texts = Texts::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        let mut values = BTreeSet::new();
        if let Some(pattern) = &message.value {
            of_pattern(pattern, &mut values);
        }
        if texts.insert(message.id.name.to_owned(), values).is_some() {
            return Err(format!(
                "{}: `{}` is there twice",
                path.display(),
                message.id.name
            ));
        }
    }
    Ok(texts)
}

fn of_pattern(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, values);
        }
    }
}

fn of_expression(expression: &Expression<&str>, values: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, values),
        Expression::Select { selector, variants } => {
            of_inline(selector, values);
            for variant in variants {
                of_pattern(&variant.value, values);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, values: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            values.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, values),
        InlineExpression::FunctionReference { arguments, .. }
        | InlineExpression::TermReference {
            arguments: Some(arguments),
            ..
        } => of_arguments(arguments, values),
        _ => {}
    }
}

fn of_arguments(arguments: &CallArguments<&str>, values: &mut BTreeSet<String>) {
    for positional in &arguments.positional {
        of_inline(positional, values);
    }
    for named in &arguments.named {
        of_inline(&named.value, values);
    }
}
