// SPDX-License-Identifier: EUPL-1.2
//! What there is to read: the service descriptions of the place, by their numbers.

use procedures::{Procedure, Procedures};

/// The service descriptions in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    procedures: Procedures,
}

impl Catalogue {
    /// All of `procedures`.
    pub fn new(procedures: Procedures) -> Self {
        Self { procedures }
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
