// SPDX-License-Identifier: EUPL-1.2
//! What there is to read: the service descriptions of the place, by their numbers.

use procedures::{Kind, Procedure, Procedures};
use site::{Language, Site};

use crate::search::{Builder, Field, Index};

/// The service descriptions in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    procedures: Procedures,
    index: Index,
}

impl Catalogue {
    /// All of `procedures`, which are those of `site`.
    pub fn new(procedures: Procedures, site: &Site) -> Self {
        let mut index = Builder::default();
        for (number, procedure) in procedures.all().iter().enumerate() {
            learn(&mut index, number, procedure, site);
        }
        let index = index.finish();
        Self { procedures, index }
    }

    /// The numbers of those that fit what was typed, the best first.
    pub fn find(&self, query: &str, language: Language) -> Vec<usize> {
        self.index.find(query, language)
    }

    /// The one with this number.
    pub fn get(&self, number: usize) -> Option<&Procedure> {
        self.procedures.all().get(number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.procedures.all().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of those for which this is so, in the order of the file.
    pub fn numbers(&self, is: impl Fn(&Procedure) -> bool) -> Vec<usize> {
        let all = self.procedures.all().iter().enumerate();
        all.filter(|(_, procedure)| is(procedure))
            .map(|(number, _)| number)
            .collect()
    }
}

/// All words by which a service can be found.
fn learn(index: &mut Builder, number: usize, procedure: &Procedure, site: &Site) {
    for language in Language::ALL {
        let mut add = |field, real: Language, text: &str| {
            // A text that is not there in this language is the German one, which is added anyway.
            if real == language {
                index.add(number, field, language, text);
            }
        };
        let names = procedure.names();
        add(Field::Name, names.language(language), names.get(language));
        for kind in [Kind::Teaser, Kind::Summary] {
            for part in procedure.of_kind(kind, language) {
                for block in part.blocks {
                    match block {
                        procedures::Block::Heading(text) | procedures::Block::Paragraph(text) => {
                            add(Field::Text, part.language, text);
                        }
                        procedures::Block::List { items, .. } => {
                            for item in items {
                                add(Field::Text, part.language, &item.text);
                            }
                        }
                    }
                }
            }
        }
        let all = site.departments.iter();
        let mine = all.filter(|department| procedure.departments.contains(&department.id));
        for name in mine.flat_map(|department| [&department.name, &department.official]) {
            add(Field::Office, name.language(language), name.get(language));
        }
    }
    if let Some(official) = procedure.official(Language::De) {
        index.add(number, Field::Official, Language::De, official);
    }
    for (language, keyword) in procedure.keywords() {
        index.add(number, Field::Keyword, language, keyword);
    }
}
