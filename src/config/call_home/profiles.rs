//! The profiles of call-home as a whole: making, copying, renaming and removing them. What is inside one stands in `profile`.

use std::sync::Arc;

use super::{CallHome, Profile};
use crate::config::refusal::Kind;
use crate::config::{Notice, Notices, Refusal};

impl CallHome {
    pub(super) fn open_profile(&mut self, name: &Arc<str>) -> Result<(), Refusal> {
        if !self.profiles.contains_key(name) {
            self.room_for_a_profile()?;
            self.profiles.insert(name.clone(), Arc::default());
        }
        Ok(())
    }

    fn room_for_a_profile(&self) -> Result<(), Refusal> {
        let own = self
            .profiles
            .values()
            .filter(|profile| !profile.predefined)
            .count();
        if own < Self::MOST_PROFILES {
            Ok(())
        } else {
            Err(Refusal::Limit {
                kind: Kind::Profile,
                most: Self::MOST_PROFILES,
            })
        }
    }

    /// All of them without a name. The predefined one is never gone; it is as delivered again (D18).
    pub(super) fn remove_profile(&mut self, name: Option<&Arc<str>>) -> Result<Notices, Refusal> {
        let Some(name) = name else {
            self.profiles = Self::default().profiles;
            return Ok(Notices::new());
        };
        let predefined = match self.profiles.get(name) {
            Some(profile) => profile.predefined,
            None => {
                return Err(Refusal::NotDefined {
                    kind: Kind::Profile,
                    name: name.clone(),
                });
            }
        };
        if predefined {
            self.profiles
                .insert(name.clone(), Arc::new(Profile::cisco_tac_1()));
            return Ok(vec![Notice::Info(format!(
                "Profile {name} is predefined; it is as delivered again."
            ))]);
        }
        self.profiles.remove(name);
        Ok(Notices::new())
    }

    pub(super) fn copy_profile(
        &mut self,
        source: &Arc<str>,
        destination: Arc<str>,
    ) -> Result<(), Refusal> {
        let original = self.known_profile(source)?;
        self.is_free(&destination)?;
        self.room_for_a_profile()?;
        // The predefined profile is inactive by default, its copy is so by its own word.
        let active = if original.predefined {
            Some(original.is_active())
        } else {
            original.active
        };
        let copy = Profile {
            predefined: false,
            active,
            ..Profile::clone(original)
        };
        self.profiles.insert(destination, Arc::new(copy));
        Ok(())
    }

    pub(super) fn rename_profile(
        &mut self,
        source: &Arc<str>,
        destination: Arc<str>,
    ) -> Result<(), Refusal> {
        if self.known_profile(source)?.predefined {
            return Err(Refusal::NotAllowed {
                why: "A predefined profile cannot be renamed",
            });
        }
        self.is_free(&destination)?;
        if let Some(profile) = self.profiles.remove(source) {
            self.profiles.insert(destination, profile);
        }
        Ok(())
    }

    fn known_profile(&self, name: &Arc<str>) -> Result<&Arc<Profile>, Refusal> {
        self.profiles.get(name).ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Profile,
            name: name.clone(),
        })
    }

    fn is_free(&self, name: &Arc<str>) -> Result<(), Refusal> {
        match self.profiles.contains_key(name) {
            true => Err(Refusal::Exists {
                kind: Kind::Profile,
                name: name.clone(),
            }),
            false => Ok(()),
        }
    }
}
