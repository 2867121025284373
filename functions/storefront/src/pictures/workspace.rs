//! Desk and stationery.

use super::{
    colour::{
        AMBER, BLUE, BRASS, CLAY, COAL, CORK, CREAM, Colour, FOG, GREEN, INK, NAVY, OCHRE, PAPER, RED, SKY, SLATE,
        STEEL, WALNUT, WHITE,
    },
    svg::Svg,
};

pub(super) fn draw(object: &str, kind: &str) -> Option<Svg> {
    Some(match (object, kind) {
        ("notebooks", "dots") => notebooks(true),
        ("notebooks", "blank") => notebooks(false),
        ("riser", colour) => riser(Colour::named(colour)?),
        ("shelf", colour) => shelf(Colour::named(colour)?),
        ("mat", colour) => mat(Colour::named(colour)?),
        ("cables", colour) => cables(Colour::named(colour)?),
        ("stool", colour) => stool(Colour::named(colour)?),
        ("pen", colour) => pen(Colour::named(colour)?),
        ("ink", colour) => ink(Colour::named(colour)?, colour),
        ("calendar", colour) => calendar(Colour::named(colour)?),
        _ => return None,
    })
}

/// A desk converter with a laptop on it.
fn riser(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(200)
        .rect(COAL, [116, 418, 368, 16], 8)
        .line(STEEL.dark(), 14, "M442 262 158 418")
        .line(STEEL, 14, "M158 262 442 418")
        .oval(COAL, [300, 340, 13, 13])
        .path(light, "M160 348h280l32 26H128z")
        .rect(dark, [122, 372, 356, 16], 5)
        .rect(colour, [122, 372, 356, 11], 5)
        .path(COAL, "M204 352h192l8 14H196z")
        .path(light, "M136 222h328l44 32H92z")
        .rect(dark, [88, 252, 424, 20], 6)
        .rect(colour, [88, 252, 424, 14], 6)
        .rect(COAL, [204, 92, 192, 134], 10)
        .rect(SKY, [214, 102, 172, 114], 4)
        .path(PAPER, "M232 122h76v8h-76zM232 140h112v8H232zM232 158h92v8h-92z")
        .path(BLUE, "M214 216v-20l60-26 50 22 62-34v54q0 4-4 4z")
        .path(STEEL, "M204 226h192l22 16H182z")
        .rect(STEEL.dark(), [182, 240, 236, 7], 3)
}

/// A shelf under a monitor, over a cat.
fn shelf(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(225)
        .rect(COAL, [168, 72, 264, 170], 10)
        .rect(SKY, [179, 83, 242, 148], 4)
        .oval(PAPER, [236, 128, 22, 22])
        .path(BLUE, "M179 194l70-44 56 34 60-52 56 44v51q0 4-4 4H183q-4 0-4-4z")
        .path(NAVY, "M179 220l90-30 70 26 82-34v45q0 4-4 4H183q-4 0-4-4z")
        .path(COAL, "M284 242h32l6 34h-44z")
        .rect(COAL, [240, 270, 120, 12], 6)
        .path(dark, "M110 310h380v16H110z")
        .rect(PAPER, [142, 414, 150, 14], 5)
        .rect(STEEL, [148, 410, 138, 7], 3)
        .path(INK, "M318 434c-12-50 14-78 52-80 46-2 80 22 80 62 0 12-4 18-12 18z")
        .path(INK, "M306 338l16 16h22l16-16 4 34c0 22-14 32-31 32s-31-10-31-32z")
        .oval(AMBER, [322, 374, 5, 6])
        .oval(AMBER, [345, 374, 5, 6])
        .path(
            colour,
            "M86 434V322c0-26 16-42 42-42h344c26 0 42 16 42 42v112h-28V328c0-10-6-16-16-16H130c-10 0-16 6-16 16v106z",
        )
        .path(light, "M86 434V322c0-26 16-42 42-42h344c12 0 22 4 29 10H128c-20 0-32 12-32 32v112z")
        .path(dark, "M504 434V322c0-14-4-24-11-31 13 7 21 18 21 31v112z")
        .line(dark, 3, "M105 432V324c0-14 10-22 24-22h342c14 0 24 8 24 22v108")
}

/// A mat with a keyboard and a cup on it.
fn mat(colour: Colour) -> Svg {
    Svg::on_ground(225)
        .path(CORK.dark(), "M70 418l62-178h336l62 178q2 14-10 14H80q-12 0-10-14z")
        .path(CORK, "M70 418h460q0 10-10 10H80q-10 0-10-10z")
        .path(colour, "M140 232h320q8 0 11 8l58 172q2 8-6 8H77q-8 0-6-8l58-172q3-8 11-8z")
        .path(colour.light(), "M140 232h60l-70 188H77q-8 0-6-8l58-172q3-8 11-8z")
        .dashes(colour.dark(), 3, "9 7", "M144 246h312l52 160H92z")
        .path(COAL, "M166 374l12-64q1-6 8-6h190q7 0 8 6l12 64q1 8-7 8H173q-8 0-7-8z")
        .dashes(STEEL, 12, "13 5", "M190 322h184M186 341h192M182 360h44M374 360h8")
        .line(STEEL, 12, "M244 360h104")
        .path(INK.veil(16), "M404 300h70c40 0 40 22 0 24h-40z")
        .line(WHITE.dark(), 12, "M476 232c34-8 38 42-6 40")
        .turned(WHITE, 436, &[[46, 214], [46, 260], [44, 290], [34, 304], [30, 310], [20, 314], [0, 314]])
        .oval(WHITE.dark(), [436, 214, 46, 13])
        .oval(WALNUT.dark(), [436, 216, 38, 9])
}

/// A slab with cables that grow out of it.
fn cables(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    // Where each cable grows, and where its plug is.
    let cables = [
        (140, [114, 266], RED),
        (194, [192, 226], COAL),
        (247, [253, 256], WHITE),
        (300, [300, 168], BLUE),
        (353, [353, 260], COAL),
        (406, [416, 206], GREEN),
        (460, [486, 268], OCHRE),
    ];
    Svg::on_ground(225)
        .path(light, "M128 352h344l36 34H92z")
        .rect(colour, [92, 384, 416, 50], 6)
        .path(dark, "M92 422h416v6q0 6-6 6H98q-6 0-6-6z")
        .each(cables, |svg, (x, _, _)| {
            svg.line(dark.dark(), 9, format_args!("M{x} 358L{} 386V404", 300 + (x - 300) * 6 / 5))
        })
        .each(cables, |svg, (x, [end, y], colour)| {
            let middle = i32::midpoint(y, 362);
            svg.line(colour, 9, format_args!("M{x} 364C{x} {middle} {end} {middle} {end} {y}"))
        })
        .each(cables, |svg, (x, [end, y], colour)| {
            svg.put(format_args!("translate({end} {y})"), |svg| {
                let (svg, grip) = match x {
                    194 | 353 => (svg.line(STEEL, 10, "M0-49v30").line(INK, 3, "M-5-42H5M-5-32H5"), [-11, -24, 22, 40]),
                    247 | 406 => (svg.rect(STEEL, [-12, -42, 24, 22], 8), [-15, -28, 30, 42]),
                    _ => (svg.rect(STEEL, [-13, -52, 26, 30], 3), [-18, -28, 36, 44]),
                };
                svg.rect(colour, grip, 8)
            })
        })
}

/// A stool with a tractor's seat.
fn stool(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let holes =
        [(212, 150), (254, 136), (300, 131), (346, 136), (388, 150), (234, 180), (276, 166), (324, 166), (366, 180)];
    Svg::on_ground(165)
        .line(COAL.dark(), 15, "M308 340l36 82M292 340l-36 82")
        .ring(STEEL.dark(), 9, [300, 392, 104, 15])
        .line(COAL, 15, "M288 338l-106 92M312 338l106 92")
        .rect(STEEL, [287, 250, 26, 86], 4)
        .rect(STEEL.dark(), [301, 250, 12, 86], 4)
        .line(COAL, 3, "M288 282l24-6M288 296l24-6M288 310l24-6")
        .rect(COAL, [258, 322, 84, 28], 8)
        .rect(COAL.light(), [258, 322, 30, 28], 8)
        .each([228, 244, 260], |svg, y| svg.line(STEEL.dark(), 9, format_args!("M260 {y}q40 18 80-8")))
        .path(
            dark,
            "M122 160c-8-40 12-62 34-56 44-20 90-28 144-28s100 8 144 28\
             c22-6 42 16 34 56-6 46-40 74-82 74-40 0-56-26-96-26s-56 26-96 26c-42 0-76-28-82-74z",
        )
        .path(
            colour,
            "M122 148c-6-32 14-50 34-44 44-20 90-28 144-28s100 8 144 28\
             c20-6 40 12 34 44-6 46-40 72-82 72-40 0-56-26-96-26s-56 26-96 26c-42 0-76-26-82-72z",
        )
        .path(
            light,
            "M122 148c-6-32 14-50 34-44 44-20 90-28 144-28c46 0 86 6 124 20-36-8-76-12-124-12-60 0-104 8-142 26\
             c-26 14-32 60 0 96-20-14-32-34-36-58z",
        )
        .path(dark, "M478 148c-6 46-40 72-82 72 40-12 62-44 58-78-2-18-8-28-18-36l8-2c20-6 40 12 34 44z")
        .each(holes, |svg, (x, y)| svg.oval(colour.darker(48), [x, y, 13, 8]))
}

/// Three notebooks, one of which lies open.
fn notebooks(dots: bool) -> Svg {
    let cover = |svg: Svg, (turn, x, y, colour): (i32, i32, i32, Colour)| {
        svg.put(format_args!("translate({x} {y}) rotate({turn})"), |svg| {
            svg.rect(PAPER.dark(), [-74, -110, 156, 220], 8)
                .rect(colour, [-80, -110, 156, 220], 10)
                .rect(colour.dark(), [-80, -110, 22, 220], 8)
                .rect(PAPER, [-28, -72, 72, 38], 3)
                .dashes(PAPER, 3, "12 10", "M-60-98V98")
        })
    };
    let svg = Svg::on_ground(210)
        .each([(-9, 212, 240, SLATE), (8, 384, 238, CLAY)], cover)
        .path(OCHRE.dark(), "M88 420l44-124h336l44 124c-80-10-160-4-212 14-52-18-132-24-212-14z")
        .path(PAPER, "M300 424c-50-20-124-26-196-16l40-122c60-8 116-2 156 20z")
        .path(CREAM.darker(94), "M300 424c50-20 124-26 196-16l-40-122c-60-8-116-2-156 20z")
        .line(CREAM.darker(80), 3, "M300 306v116");
    if !dots {
        return svg;
    }
    svg.each([(306, 146), (328, 154), (350, 161), (372, 168), (393, 175)], |svg, (y, half)| {
        let row = |side: i32| {
            format!("M{} {}q{} -14 {} -{}", 300 + side * 16, y + 14, side * half / 2, side * (half - 16), 10)
        };
        svg.dashes(SLATE, 5, "0 15", row(-1)).dashes(SLATE, 5, "0 15", row(1))
    })
}

/// A pen that has just written something.
fn pen(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(190).line(NAVY, 6, "M156 428c26-26 44 10 66-4s34-20 54 0 40-14 62-2 30 6 92 2").put(
        "translate(306 268) rotate(41)",
        |svg| {
            svg.path(STEEL, "M-7 182h14L2 212h-4z")
                .turned(
                    colour,
                    0,
                    &[
                        [16, -206],
                        [28, -206],
                        [28, -200],
                        [28, -190],
                        [28, -60],
                        [28, 60],
                        [28, 90],
                        [28, 130],
                        [16, 160],
                        [8, 186],
                    ],
                )
                .rect(dark.dark(), [-28, -116, 56, 6], 0)
                .rect(dark, [-28, 52, 56, 5], 0)
                .rect(dark, [-28, 64, 56, 5], 0)
                .rect(dark, [-28, 76, 56, 5], 0)
                .rect(dark, [-28, 88, 56, 5], 0)
                .rect(light.light(), [-22, -196, 7, 70], 3)
        },
    )
}

/// A bottle of ink, with the weather that it is named after.
fn ink(colour: Colour, weather: &str) -> Svg {
    let glass = FOG.lighter(40);
    let svg = Svg::on_ground(150)
        .rect(glass, [250, 190, 100, 60], 8)
        .path(glass, "M166 282c0-34 24-48 60-50h148c36 2 60 16 60 50v128c0 16-8 24-24 24H190c-16 0-24-8-24-24z")
        .path(colour, "M180 286h240v118c0 10-6 16-16 16H196c-10 0-16-6-16-16z")
        .path(colour.light(), "M180 286h30v134h-14c-10 0-16-6-16-16z")
        .path(colour.dark(), "M384 286h36v118c0 10-6 16-16 16h-20z")
        .oval(colour.dark(), [300, 286, 120, 11])
        .rect(COAL, [240, 134, 120, 70], 10)
        .rect(COAL.lighter(26), [240, 134, 34, 70], 10)
        .dashes(INK, 60, "4 10", "M284 169h72")
        .rect(PAPER, [222, 312, 156, 92], 4);
    match weather {
        "drizzle" => svg.path(colour, "M262 362a18 18 0 0 1 4-36 26 26 0 0 1 48-6 22 22 0 0 1 24 42z").dashes(
            colour,
            5,
            "9 60",
            "M274 370l-6 12M296 370l-6 12M318 370l-6 12M336 370l-6 12",
        ),
        "squall" => {
            svg.line(colour, 7, "M246 348h74c22 0 22-28 4-28-10 0-14 8-12 14M246 364h98M246 380h58c20 0 18 22 2 20")
        }
        "ember" => svg
            .path(
                colour,
                "M302 318c4 20 30 30 30 54 0 16-14 26-32 26s-32-10-32-26\
                 c0-14 10-20 14-32 6 4 8 8 8 14 10-8 14-22 12-36z",
            )
            .path(AMBER, "M300 362c8 8 14 14 14 22s-6 14-14 14-14-6-14-14 6-14 14-22z"),
        _ => svg.path(colour, "M300 320c20 28 30 40 30 54a30 30 0 0 1-60 0c0-14 10-26 30-54z"),
    }
}

/// A calendar of three wheels.
fn calendar(colour: Colour) -> Svg {
    Svg::on_ground(170)
        .rect(colour.dark(), [136, 96, 340, 338], 26)
        .rect(colour, [124, 96, 340, 338], 26)
        .path(colour.light(), "M124 122q0-26 26-26h290L124 408z")
        .oval(colour.darker(50), [294, 122, 11, 11])
        .oval(BLUE.dark(), [298, 282, 140, 140])
        .oval(BLUE, [294, 278, 140, 140])
        .ticks(CREAM, 20, [294, 278, 120], 31)
        .oval(OCHRE.dark(), [298, 282, 96, 96])
        .oval(OCHRE, [294, 278, 96, 96])
        .ticks(CREAM, 16, [294, 278, 80], 12)
        .oval(RED.dark(), [298, 282, 56, 56])
        .oval(RED, [294, 278, 56, 56])
        .ticks(CREAM, 14, [294, 278, 40], 7)
        .oval(BRASS, [294, 278, 13, 13])
        .oval(BRASS.light(), [290, 274, 5, 5])
        .path(INK, "M274 140h40l-20 34z")
}
