// SPDX-License-Identifier: EUPL-1.2
//! What the place offers, as screens and updates ask for it: authorities, their departments, their services, by numbers.

use super::{Place, State, Way};

impl State {
    /// The numbers (in the site) of the authorities that have departments.
    pub fn authorities(&self) -> Vec<usize> {
        self.offering(Way::Talk)
    }

    /// The numbers (in the site) of the authorities that have something for who comes for this: somebody to talk to, or
    /// something to read.
    pub fn offering(&self, way: Way) -> Vec<usize> {
        let all = self.site.authorities.iter().enumerate();
        let has_any = |id: &str| {
            self.site.departments_of(id).next().is_some()
                || way == Way::Inform && !self.services_beside(id).is_empty()
        };
        all.filter(|(_, authority)| has_any(&authority.id))
            .map(|(i, _)| i)
            .collect()
    }

    /// The numbers (in the site) of the departments of an authority, by its number among those that have any.
    pub fn departments(&self, authority: usize) -> Vec<usize> {
        self.topics(Way::Talk, authority)
    }

    /// The same, by its number in [`Self::offering`].
    pub fn topics(&self, way: Way, authority: usize) -> Vec<usize> {
        let Some(id) = self.authority(way, authority) else {
            return Vec::new();
        };
        let all = self.site.departments.iter().enumerate();
        all.filter(|(_, department)| department.authority == id)
            .map(|(i, _)| i)
            .collect()
    }

    /// The id of an authority by its number in [`Self::offering`].
    pub fn authority(&self, way: Way, number: usize) -> Option<&str> {
        let i = *self.offering(way).get(number)?;
        Some(&self.site.authorities.get(i)?.id)
    }

    /// The numbers of the services of a department.
    pub fn services(&self, department: usize) -> Vec<usize> {
        let Some(department) = self.site.departments.get(department) else {
            return Vec::new();
        };
        self.catalogue
            .numbers(|service| service.departments.contains(&department.id))
    }

    /// The numbers of the services that an authority has outside of its departments.
    pub fn services_beside(&self, authority: &str) -> Vec<usize> {
        let inside = |id: &String| {
            let mut mine = self.site.departments_of(authority);
            mine.any(|department| department.id == *id)
        };
        self.catalogue.numbers(|service| {
            service.authorities.iter().any(|id| id == authority)
                && !service.departments.iter().any(inside)
        })
    }

    /// The department (by its number in the site) in which a service is found.
    pub fn department_of(&self, service: usize) -> Option<usize> {
        let service = self.catalogue.get(service)?;
        let mut all = self.site.departments.iter();
        all.position(|department| service.departments.contains(&department.id))
    }

    /// Where somebody is who knows about a service.
    pub fn talk_about(&self, service: usize) -> Place {
        if let Some(department) = self.department_of(service) {
            return Place::Talk(department);
        }
        let service = self.catalogue.get(service);
        let offering = self.offering(Way::Talk);
        let known = offering.iter().position(|i| {
            let authority = self.site.authorities.get(*i);
            authority.is_some_and(|authority| {
                service.is_some_and(|service| service.authorities.contains(&authority.id))
            })
        });
        known.map_or(Place::Help, |number| Place::Topics(Way::Talk, number))
    }
}
