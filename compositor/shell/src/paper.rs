// SPDX-License-Identifier: EUPL-1.2
//! The description of a service as a paper: what the screen says of it, in the visitor's language and size of letters, with the
//! place, the day, who is responsible and when somebody is there.

use leaflet::{Leaflet, Line, Style};
use procedures::{Block, Item, Part, Procedure};
use site::{Department, Language, Weekday};

use crate::i18n::{Speech, Texts};
use crate::screens::{link_text, part_title};
use crate::state::State;
use crate::theme::TextSize;

/// How much smaller than on the screen text grows on paper.
const GROWN: f32 = 0.6;

/// The paper of the service with this number.
pub fn paper(state: &State, texts: &Texts, number: usize) -> Option<Leaflet> {
    let service = state.catalogue.get(number)?;
    let language = state.language;
    let speech = texts.speak(language);
    let site = &state.site;
    let place = format!(
        "{} · {}",
        site.place.name.get(language),
        site.place.region.get(language)
    );
    let mut paper = Paper {
        language,
        lines: Vec::new(),
    };
    let spoken = service.names().language(language);
    paper.add(Style::Title, spoken, service.name(language));
    if let Some(official) = service.official(Language::De) {
        paper.add(Style::Small, Language::De, official);
    }
    let printed = speech.with("paper-printed", &[("date", speech.date(&state.now).into())]);
    paper.add(Style::Small, language, printed);
    for part in service.modules(language) {
        paper.part(&speech, &part);
    }
    paper.place(state, &speech, number, service);
    let grown = 1.0 + (state.modes.text.factor() - TextSize::Normal.factor()) * GROWN;
    Some(Leaflet {
        language,
        title: service.name(language).to_owned(),
        place,
        page: Box::new(move |page, pages| {
            let values = [("page", page.into()), ("pages", pages.into())];
            Texts::default().speak(language).with("page", &values)
        }),
        scale: grown,
        lines: paper.lines,
    })
}

struct Paper {
    language: Language,
    lines: Vec<Line>,
}

impl Paper {
    fn add(&mut self, style: Style, language: Language, text: impl Into<String>) {
        self.lines.push(Line::new(style, language, text));
    }

    /// A text of the description with its title.
    fn part(&mut self, speech: &Speech<'_>, part: &Part<'_>) {
        if let Some(key) = part_title(part.kind) {
            self.add(Style::Heading, self.language, speech.get(key));
        }
        let own = part.language;
        for block in part.blocks {
            match block {
                Block::Heading(text) => self.add(Style::Subheading, own, text),
                Block::Paragraph(text) => self.add(Style::Paragraph, own, text),
                Block::List { ordered, items } => self.list(own, *ordered, items),
            }
        }
        for link in part.links {
            let dot = Style::Item(0, "•".to_owned());
            self.add(dot, own, link_text(link, own));
        }
    }

    fn list(&mut self, language: Language, ordered: bool, items: &[Item]) {
        let mut count = 0;
        for item in items {
            let mark = if ordered && item.depth == 0 {
                count += 1;
                format!("{count}.")
            } else {
                "•".to_owned()
            };
            self.add(Style::Item(item.depth, mark), language, &item.text);
        }
    }

    /// Where it is done, when somebody is there, and whom to call.
    fn place(&mut self, state: &State, speech: &Speech<'_>, number: usize, service: &Procedure) {
        let (site, language) = (&state.site, self.language);
        let department = state.department_of(number);
        let department = department.and_then(|i| site.departments.get(i));
        let mut all = site.authorities.iter();
        let authority = all.find(|authority| match department {
            Some(department) => department.authority == authority.id,
            None => service.authorities.contains(&authority.id),
        });
        let Some(authority) = authority else { return };
        self.add(Style::Heading, language, speech.get("about-place"));
        let mut names = authority.name.get(language).to_owned();
        if let Some(department) = department {
            names = format!("{} · {names}", department.official.get(language));
        }
        self.add(Style::Paragraph, language, names);
        let place = site.place.name.get(language);
        self.add(Style::Paragraph, language, place);
        if let Some(department) = department {
            self.hours(speech, department);
        }
    }

    fn hours(&mut self, speech: &Speech<'_>, department: &Department) {
        let language = self.language;
        self.add(Style::Heading, language, speech.get("hours"));
        for day in Weekday::ALL {
            let periods = department.hours.on(day);
            if periods.is_empty() {
                continue;
            }
            let line = format!("{}: {}", speech.weekday(day), speech.periods(periods));
            self.add(Style::Item(0, "•".to_owned()), language, line);
        }
    }
}
