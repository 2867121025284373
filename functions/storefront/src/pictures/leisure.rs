//! Audio, games and books.

use std::fmt::Write;

use super::{
    colour::{
        AMBER, BEECH, BLUE, COAL, CREAM, Colour, GREEN, HONEY, INK, OAK, ORANGE, PAPER, RED, SKY, STEEL, WALNUT, WHITE,
    },
    svg::Svg,
};

pub(super) fn draw(object: &str, kind: &str) -> Option<Svg> {
    Some(match (object, kind) {
        ("go", "13") => go(),
        ("jigsaw", "sky") => jigsaw(),
        ("cards", "1790") => cards(),
        ("hills", "rainbow") => hills([RED, ORANGE, AMBER, GREEN, SKY.darker(90), BLUE]),
        ("hills", "natural") => hills([WALNUT, HONEY.darker(88), OAK, BEECH, OAK.lighter(38), BEECH.lighter(52)]),
        ("radio", colour) => radio(Colour::named(colour)?),
        ("phones", colour) => phones(Colour::named(colour)?),
        ("brush", colour) => brush(Colour::named(colour)?),
        ("harbours", colour) => harbours(Colour::named(colour)?),
        ("bread", colour) => bread(Colour::named(colour)?),
        ("basket", colour) => basket(Colour::named(colour)?),
        _ => return None,
    })
}

/// A radio with two knobs.
fn radio(case: Colour) -> Svg {
    let (dark, light) = (case.dark(), case.light());
    let knob = |svg: Svg, x: i32| {
        svg.oval(COAL, [x, 394, 24, 24]).oval(COAL.lighter(26), [x - 3, 391, 15, 15]).line(
            PAPER,
            4,
            format_args!("M{x} 391l7-11"),
        )
    };
    Svg::on_ground(195)
        .line(STEEL.dark(), 7, "M440 232l52-122")
        .oval(STEEL.dark(), [493, 108, 9, 9])
        .rect(COAL, [148, 424, 44, 10], 3)
        .rect(COAL, [408, 424, 44, 10], 3)
        .rect(dark, [112, 226, 376, 202], 24)
        .rect(case, [112, 226, 364, 202], 24)
        .path(light, "M112 250q0-24 24-24h316q12 0 18 6-6-2-14-2H146q-22 0-22 22v164q-12-8-12-20z")
        .rect(CREAM.dark(), [138, 254, 178, 150], 12)
        .rect(CREAM.darker(88), [138, 254, 172, 146], 12)
        .dashes(CREAM.darker(62), 5, "0 12", "M154 274h150M154 298h150M154 322h150M154 346h150M154 370h150M154 390h150")
        .dashes(CREAM.darker(62), 5, "0 12", "M160 286h138M160 310h138M160 334h138M160 358h138M160 380h138")
        .oval(dark.dark(), [396, 308, 56, 56])
        .oval(PAPER, [394, 306, 50, 50])
        .dashes(COAL, 9, "3 11", "M358 322a39 39 0 1 1 72 0")
        .line(RED, 5, "M394 308l20-26")
        .oval(COAL, [394, 308, 7, 7])
        .each([356, 434], knob)
}

/// Headphones.
fn phones(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let cup = |svg: Svg| {
        svg.rect(COAL, [26, -76, 44, 152], 22)
            .rect(INK, [48, -76, 22, 152], 11)
            .path(dark, "M36-84v168c-46 6-74-26-74-84s28-90 74-84z")
    };
    Svg::on_ground(180)
        .path(dark, "M126 320C116 176 200 92 300 92s184 84 174 228h-28c6-124-66-194-146-194S148 196 154 320z")
        .path(colour, "M126 320C116 176 200 92 300 92c80 0 150 54 168 150-30-76-90-124-168-124-88 0-160 72-154 202z")
        .path(light, "M126 320C116 190 180 108 264 95c-60 26-122 96-116 225z")
        .path(COAL, "M190 172c30-36 68-54 110-54s80 18 110 54l-12 14c-28-30-60-44-98-44s-70 14-98 44z")
        .rect(STEEL, [128, 254, 26, 50], 8)
        .rect(STEEL.dark(), [446, 254, 26, 50], 8)
        .put("translate(150 344) rotate(6)", |svg| {
            cup(svg)
                .path(colour, "M24-82v164c-36 0-62-26-62-82s26-82 62-82z")
                .path(light, "M10-80C-12-60-22-36-22 0s8 52 22 74c-24-12-38-34-38-74s18-72 48-80z")
        })
        .put("translate(450 344) rotate(-6) scale(-1 1)", |svg| {
            cup(svg).path(colour, "M36-84v168c-24-10-38-40-38-84s14-74 38-84z")
        })
}

/// A brush on a record.
fn brush(colour: Colour) -> Svg {
    Svg::on_ground(230)
        .oval(INK, [300, 366, 238, 74])
        .oval(COAL, [300, 359, 238, 74])
        .ring(COAL.lighter(18), 3, [300, 359, 208, 64])
        .ring(COAL.lighter(18), 3, [300, 359, 172, 53])
        .ring(COAL.lighter(18), 3, [300, 359, 134, 41])
        .oval(RED, [300, 359, 88, 27])
        .oval(PAPER, [300, 359, 9, 4])
        .put("translate(312 258) rotate(-9)", |svg| {
            svg.path(INK, "M-172 6h336l4 78h-344z")
                .dashes(COAL.lighter(34), 72, "3 6", "M-168 48h332")
                .rect(STEEL.dark(), [-186, -26, 372, 38], 8)
                .rect(STEEL, [-186, -26, 372, 22], 8)
                .rect(STEEL.light(), [-178, -26, 150, 8], 4)
                .path(colour, "M-170-24v-40q0-22 22-22h296q22 0 22 22v40z")
                .path(colour.light(), "M-170-24v-40q0-22 22-22h150q0 12-14 14h-120q-20 0-20 20v28z")
                .path(colour.dark(), "M60-24q72-6 72-62h16q22 0 22 22v40z")
                .line(colour.darker(60), 10, "M-70-54h140")
        })
}

/// A board in the middle of a game.
fn go() -> Svg {
    // A point of the board, seen from the front and above.
    let at = |column: f64, row: f64| {
        let depth = 1.0 - row / 12.0;
        let shrink = 1.0 / (1.0 + 0.52 * depth);
        (300.0 + (column - 6.0) * 34.0 * shrink, 392.0 - 300.0 * depth * shrink)
    };
    let mut lines = String::new();
    for index in (0..13).map(f64::from) {
        for [(x1, y1), (x2, y2)] in [[at(0.0, index), at(12.0, index)], [at(index, 0.0), at(index, 12.0)]] {
            let _ = write!(lines, "M{x1:.0} {y1:.0}L{x2:.0} {y2:.0}");
        }
    }
    let bamboo = OAK.lighter(30);
    let stones = [
        (3, 3, 0),
        (9, 3, 1),
        (3, 9, 1),
        (9, 9, 0),
        (4, 8, 0),
        (5, 9, 0),
        (4, 10, 1),
        (8, 9, 1),
        (9, 8, 1),
        (8, 4, 0),
        (9, 5, 0),
        (10, 6, 1),
        (6, 6, 0),
        (5, 4, 1),
    ];
    Svg::on_ground(230)
        .path(bamboo.darker(70), "M70 404h460v22q0 8-8 8H78q-8 0-8-8z")
        .path(bamboo, "M70 406l92-224q2-6 8-6h260q6 0 8 6l92 224z")
        .path(bamboo.light(), "M70 406l92-224q2-6 8-6h40L110 406z")
        .line(WALNUT, 2, lines)
        .each(stones, |svg, (column, row, white)| {
            let (x, y) = at(f64::from(column), f64::from(row));
            let size = 10.0 + f64::from(row) / 3.0;
            let colour = if white == 1 { WHITE } else { COAL };
            svg.put(format_args!("translate({x:.0} {y:.0}) scale({:.2})", size / 14.0), |svg| {
                svg.oval(colour.dark(), [0, 2, 16, 11])
                    .oval(colour, [0, -2, 16, 11])
                    .oval(colour.light(), [-5, -5, 6, 3])
            })
        })
}

/// A jigsaw in its tray, all but one piece.
fn jigsaw() -> Svg {
    let piece = "h38c6-4 2-10 0-14a15 15 0 1 1 28 0c-2 4-6 10 0 14h38v38c4 6 10 2 14 0a15 15 0 1 1 0 28\
                 c-4-2-10-6-14 0v38h-38c-6-4-2-10 0-14a15 15 0 1 0-28 0c2 4 6 10 0 14h-38v-38c4-6 10-2 14 0\
                 a15 15 0 1 0 0-28c-4 2-10 6-14 0z";
    let across = "h38c6-4 2-10 0-14a15 15 0 1 1 28 0c-2 4-6 10 0 14h38";
    let down = "v38c4 6 10 2 14 0a15 15 0 1 1 0 28c-4-2-10-6-14 0v38";
    Svg::on_ground(200)
        .rect(BEECH.dark(), [116, 84, 368, 350], 12)
        .rect(BEECH, [108, 84, 368, 350], 12)
        .rect(BEECH.light(), [108, 84, 368, 9], 5)
        .rect(SKY, [136, 104, 312, 312], 4)
        .path(SKY.light(), "M136 104h150L136 330z")
        .path(WHITE, "M166 236a30 30 0 0 1 8-58 50 50 0 0 1 94-10 40 40 0 0 1 58 34 26 26 0 0 1-6 34z")
        .path(WHITE, "M286 372a26 26 0 0 1 8-50 44 44 0 0 1 80-8 36 36 0 0 1 74 20v38z")
        .path(
            WHITE.darker(90),
            "M166 236a30 30 0 0 1-14-22q20 8 84 8t90-12a26 26 0 0 1-6 26zM286 372a26 26 0 0 1-17-18q30 6 90 6t89-8\
             v20z",
        )
        .line(BLUE.veil(60), 3, format_args!("M240 104{down}{down}{down}M344 104{down}{down}{down}"))
        .line(BLUE.veil(60), 3, format_args!("M136 208{across}{across}{across}M136 312{across}{across}{across}"))
        .path(BEECH.darker(55), format_args!("M240 208{piece}"))
        .put("translate(398 316) rotate(12)", |svg| {
            svg.path(BLUE.dark(), format_args!("M6 7{piece}"))
                .path(SKY, format_args!("M0 0{piece}"))
                .path(SKY.light(), "M0 0h38L0 38z")
                .path(WHITE, "M20 72a13 13 0 0 1 4-26 22 22 0 0 1 42-2 16 16 0 0 1 20 28z")
        })
}

const HEART: &str = "M0 13C-18-1-14-13-7-13-3-13 0-9 0-6 0-9 3-13 7-13 14-13 18-1 0 13z";
const DIAMOND: &str = "M0-15 11 0 0 15-11 0z";
const CLUB: &str = "M0-14a7 7 0 0 1 6 10 7 7 0 1 1-5 8q0 6 4 9H-5q4-3 4-9a7 7 0 1 1-5-8A7 7 0 0 1 0-14z";
const SPADE: &str = "M0-14C4-6 14-3 14 4c0 8-10 8-13 2q0 5 4 8H-5q4-3 4-8c-3 6-13 6-13-2 0-7 10-10 14-18z";

/// A fan of cards.
fn cards() -> Svg {
    let fan = [(-30, HEART, RED), (-15, CLUB, COAL), (0, DIAMOND, RED), (15, HEART, RED), (30, SPADE, COAL)];
    Svg::on_ground(150)
        .each(fan, |svg, (turn, pip, colour)| {
            svg.put(format_args!("translate(298 496) scale(.86) rotate({turn})"), |svg| {
                svg.rect(INK.veil(18), [-86, -376, 156, 250], 14)
                    .rect(PAPER, [-78, -376, 156, 250], 14)
                    .put("translate(-54 -344) scale(1.2)", |svg| svg.path(colour, pip))
                    .path(colour, "M-62-316h16v5h-16zM-62-306h16v5h-16z")
            })
        })
        .put("translate(298 496) scale(.86) rotate(30)", |svg| {
            svg.path(PAPER.darker(92), "M40-376h24q14 0 14 14v222q0 14-14 14h-24z")
                .ring(RED, 3, [0, -251, 50, 74])
                .put("translate(0 -254) scale(3)", |svg| svg.path(COAL, SPADE))
                .oval(PAPER, [0, -256, 8, 10])
                .put("translate(54 -158) scale(-1.2)", |svg| svg.path(COAL, SPADE))
        })
}

/// Arches, from the outermost to the innermost, which stands on top.
fn hills(colours: [Colour; 6]) -> Svg {
    let arch = |svg: Svg, (colour, (y, outer)): (Colour, (i32, i32))| {
        let inner = outer - 31;
        let sector = |side: i32, sweep: i32| {
            let x = |radius: i32| 300 + side * radius * 77 / 100;
            let y_at = |radius: i32| y - radius * 64 / 100;
            format!(
                "M{} {y}A{outer} {outer} 0 0 {sweep} {} {}L{} {}A{inner} {inner} 0 0 {} {} {y}z",
                300 + side * outer,
                x(outer),
                y_at(outer),
                x(inner),
                y_at(inner),
                1 - sweep,
                300 + side * inner
            )
        };
        let whole = format!(
            "M{} {y}a{outer} {outer} 0 0 1 {} 0h-31a{inner} {inner} 0 0 0-{} 0z",
            300 - outer,
            2 * outer,
            2 * inner
        );
        svg.path(colour, whole).path(colour.light(), sector(-1, 1)).path(colour.dark(), sector(1, 0))
    };
    let places = [(434, 204), (434, 172), (434, 140), (434, 108), (434, 76), (235, 56)];
    Svg::on_ground(220).each(colours.into_iter().zip(places), arch)
}

/// A book in cloth about harbours.
fn harbours(cloth: Colour) -> Svg {
    Svg::on_ground(150)
        .path(cloth.darker(60), "M170 398h254v36H182q-12 0-12-12z")
        .path(PAPER, "M190 402h228v24H190q-8 0-8-12t8-12z")
        .line(PAPER.darker(80), 2, "M190 410h228M190 418h228")
        .path(cloth, "M184 92h228q14 0 14 14v298H184z")
        .path(cloth.dark(), "M184 92h24v312h-26q-12 0-12 14V106q0-14 14-14z")
        .path(cloth.light(), "M208 92h9v312h-9z")
        .ring(PAPER, 5, [320, 214, 74, 74])
        .path(PAPER, "M318 156v78h-50zM328 172l36 62h-36z")
        .path(RED.lighter(14), "M262 242h114l-18 24h-78z")
        .line(PAPER, 5, "M258 278q15-12 31 0t31 0 31 0 31 0")
        .line(PAPER, 7, "M254 326h132M274 348h92")
        .oval(RED.lighter(14), [320, 376, 6, 6])
}

/// A book about bread.
fn bread(cover: Colour) -> Svg {
    let flake = |svg: Svg, (x, y, percent): (i32, i32, i32)| {
        svg.put(format_args!("translate({x} {y}) scale({})", f64::from(percent) / 100.0), |svg| {
            svg.line(WHITE, 5, "M0-16V16M-14-8 14 8M14-8-14 8")
        })
    };
    let crust = HONEY;
    Svg::on_ground(190)
        .path(cover.darker(60), "M126 396h350v38H136q-10 0-10-10z")
        .path(PAPER, "M144 402h332v24H144q-8 0-8-12t8-12z")
        .line(PAPER.darker(80), 2, "M144 410h332M144 418h332")
        .path(cover, "M136 98h330q10 0 10 10v296H136z")
        .path(cover.dark(), "M136 98h20v306h-20q-10 0-10 12V108q0-10 10-10z")
        .path(WHITE, "M156 338q60-34 160-22t160-10v98H156z")
        .path(WHITE.darker(88), "M156 372q90-24 200-8t120 2v38H156z")
        .path(crust, "M202 330c-14-54 36-96 114-96s128 42 114 96q-4 14-18 14H220q-14 0-18-14z")
        .path(crust.light(), "M202 330c-14-54 36-96 114-96-54 10-90 48-84 110h-12q-14 0-18-14z")
        .path(crust.dark(), "M388 253c36 18 50 43 42 77q-4 14-18 14h-26c26-28 28-64 2-91z")
        .path(
            CREAM,
            "M258 260c18 6 30 18 34 38-18-4-32-18-34-38zM314 254c18 6 30 18 34 38-18-4-32-18-34-38zM366 260\
             c14 6 24 18 26 34-16-4-26-16-26-34z",
        )
        .each([(206, 148, 100), (268, 188, 70), (342, 140, 115), (424, 178, 85), (194, 226, 65), (446, 246, 65)], flake)
        .line(cover.dark(), 8, "M244 370h144M274 388h84")
}

/// A thick book about baskets.
fn basket(cover: Colour) -> Svg {
    Svg::on_ground(160)
        .path(cover.darker(60), "M150 372h288v62H162q-12 0-12-12z")
        .path(PAPER, "M176 378h262v46H176q-14 0-14-23t14-23z")
        .line(PAPER.darker(80), 2, "M172 388h266M170 397h268M170 406h268M172 415h266")
        .path(cover, "M168 94h258q12 0 12 12v272H168z")
        .path(cover.dark(), "M168 94h34v284h-30q-22 0-22 22V112q0-18 18-18z")
        .path(cover.light(), "M202 94h9v284h-9z")
        .path(AMBER, "M152 132h50v10h-50zM152 336h50v10h-50z")
        .line(AMBER.light(), 10, "M250 226C250 124 390 124 390 226")
        .path(AMBER, "M232 230h176l-20 82q-3 10-13 10H265q-10 0-13-10z")
        .dashes(HONEY, 12, "16 16", "M240 250h158M246 286h146")
        .dashes(HONEY, 12, "16 16", "M258 268h128M262 304h110")
        .rect(AMBER.light(), [222, 220, 196, 16], 8)
        .line(PAPER, 7, "M262 346h116")
}
