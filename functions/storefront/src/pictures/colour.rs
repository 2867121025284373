//! The colours of what is drawn.

use std::fmt;

/// A colour: red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(u32, u32, u32);

// What many drawings need, whatever the colour of the product.
pub(super) const INK: Colour = Colour(0x15, 0x17, 0x1c);
pub(super) const COAL: Colour = Colour(0x2b, 0x2f, 0x38);
pub(super) const PAPER: Colour = Colour(0xfa, 0xf6, 0xea);
pub(super) const GLOW: Colour = Colour(0xff, 0xf1, 0xc2);
pub(super) const AMBER: Colour = Colour(0xf2, 0xb2, 0x3a);
pub(super) const ORANGE: Colour = Colour(0xe0, 0x7b, 0x33);
pub(super) const CORK: Colour = Colour(0xb4, 0x84, 0x50);
pub(super) const COPPER: Colour = Colour(0xc0, 0x7a, 0x4e);
pub(super) const SKY: Colour = Colour(0x8f, 0xbf, 0xe0);

// The named colours that drawings use besides that of their product.
pub(super) const RED: Colour = Colour(0xc8, 0x40, 0x2f);
pub(super) const RUST: Colour = Colour(0xb4, 0x55, 0x2f);
pub(super) const CLAY: Colour = Colour(0xb8, 0x6b, 0x4c);
pub(super) const SAND: Colour = Colour(0xd8, 0xb4, 0x90);
pub(super) const FOG: Colour = Colour(0xcf, 0xd4, 0xda);
pub(super) const STEEL: Colour = Colour(0xaa, 0xb3, 0xbd);
pub(super) const SLATE: Colour = Colour(0x5c, 0x6b, 0x7c);
pub(super) const BLUE: Colour = Colour(0x3d, 0x69, 0xa8);
pub(super) const GREEN: Colour = Colour(0x3f, 0x7d, 0x5a);
pub(super) const WHITE: Colour = Colour(0xf1, 0xf1, 0xed);
pub(super) const OAK: Colour = Colour(0xb9, 0x8a, 0x55);
pub(super) const BIRCH: Colour = Colour(0xe2, 0xc7, 0x96);
pub(super) const WALNUT: Colour = Colour(0x6f, 0x48, 0x32);
pub(super) const OCHRE: Colour = Colour(0xd0, 0x93, 0x2f);
pub(super) const BEECH: Colour = Colour(0xd3, 0xa5, 0x72);
pub(super) const BRASS: Colour = Colour(0xc7, 0x9a, 0x3b);
pub(super) const CREAM: Colour = Colour(0xf3, 0xea, 0xd8);
pub(super) const NAVY: Colour = Colour(0x27, 0x40, 0x6b);
pub(super) const HONEY: Colour = Colour(0xb8, 0x6f, 0x2c);

/// The colours that the name of a picture can have.
const NAMED: [(&str, Colour); 30] = [
    ("beech", BEECH),
    ("birch", BIRCH),
    ("black", Colour(0x30, 0x34, 0x3c)),
    ("blue", BLUE),
    ("brass", BRASS),
    ("clay", CLAY),
    ("cream", CREAM),
    ("drizzle", Colour(0x6f, 0x7f, 0x8c)),
    ("dusk", Colour(0x5b, 0x5a, 0x8c)),
    ("ember", Colour(0xb3, 0x34, 0x1f)),
    ("fern", Colour(0x5f, 0x8a, 0x4a)),
    ("fog", FOG),
    ("green", GREEN),
    ("grey", Colour(0x8b, 0x90, 0x97)),
    ("honey", HONEY),
    ("ink", Colour(0x2b, 0x2f, 0x3a)),
    ("moss", Colour(0x76, 0x87, 0x50)),
    ("navy", NAVY),
    ("oak", OAK),
    ("ochre", OCHRE),
    ("olive", Colour(0x6b, 0x6a, 0x3a)),
    ("red", RED),
    ("rust", RUST),
    ("sand", SAND),
    ("slate", SLATE),
    ("squall", Colour(0x23, 0x4f, 0x8e)),
    ("steel", STEEL),
    ("walnut", WALNUT),
    ("white", WHITE),
    ("zinc", Colour(0x93, 0x9d, 0xa6)),
];

impl Colour {
    /// The colour of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, colour)| *colour)
    }

    /// The tone of what is away from the light.
    pub(super) const fn dark(self) -> Self {
        self.darker(74)
    }

    /// The tone of what the light falls on.
    pub(super) const fn light(self) -> Self {
        let Self(red, green, blue) = self;
        let brightest = if red > green { red } else { green };
        let brightest = if brightest > blue { brightest } else { blue };
        // No channel overflows, so that the hue stays.
        let percent = if brightest * 128 > 25_500 { 25_500 / brightest } else { 128 };
        self.darker(percent).lighter(18)
    }

    /// The colour at per cent of its brightness.
    pub(super) const fn darker(self, percent: u32) -> Self {
        Self(self.0 * percent / 100, self.1 * percent / 100, self.2 * percent / 100)
    }

    /// The colour, per cent of the way to white.
    pub(super) const fn lighter(self, percent: u32) -> Self {
        let Self(red, green, blue) = self;
        Self(
            red + (255 - red) * percent / 100,
            green + (255 - green) * percent / 100,
            blue + (255 - blue) * percent / 100,
        )
    }

    /// The colour as a veil, through which per cent of what is behind it cannot be seen.
    pub(super) fn veil(self, percent: u32) -> String {
        format!("{self}{:02x}", 255 * percent / 100)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
