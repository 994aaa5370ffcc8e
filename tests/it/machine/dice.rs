//! What a step draws.

use serde_json::Value;

/// Sides of a die.
pub const SIDES: u8 = 16;

/// The dice of a step. When all are used up, the others show the first side.
pub struct Dice<'a>(std::slice::Iter<'a, u8>);

impl<'a> Dice<'a> {
    pub fn new(dice: &'a [u8]) -> Self {
        Self(dice.iter())
    }

    fn roll(&mut self) -> usize {
        self.0.next().copied().unwrap_or_default().into()
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.roll() * choices.len() / usize::from(SIDES)].clone()
    }

    /// True on so many sides.
    pub fn chance(&mut self, sides: u8) -> bool {
        self.roll() >= usize::from(SIDES - sides)
    }

    /// One of these, or as often none.
    pub fn maybe<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        self.chance(SIDES / 2).then(|| self.pick(choices))
    }

    /// An object with some of the members, each with one of the values in its list.
    pub fn object(&mut self, members: Value) -> Value {
        let Value::Object(members) = members else {
            panic!("{members}")
        };
        let drawn = members.into_iter().filter_map(|(name, values)| {
            let value = self.maybe(values.as_array().unwrap())?;
            Some((name, value))
        });
        Value::Object(drawn.collect())
    }
}
