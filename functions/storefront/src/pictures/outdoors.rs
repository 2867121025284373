//! Camping and cycling.

use super::{
    colour::{
        AMBER, BLUE, BRASS, COAL, COPPER, CREAM, Colour, GLOW, HONEY, INK, NAVY, OCHRE, RED, RUST, SKY, STEEL, WALNUT,
        WHITE,
    },
    svg::Svg,
};

pub(super) fn draw(object: &str, kind: &str) -> Option<Svg> {
    Some(match (object, kind) {
        ("bag", "regular") => bag(142),
        ("bag", "long") => bag(84),
        ("tent", colour) => tent(Colour::named(colour)?),
        ("stove", colour) => stove(Colour::named(colour)?),
        ("mug", colour) => mug(Colour::named(colour)?),
        ("torch", colour) => torch(Colour::named(colour)?),
        ("pannier", colour) => pannier(Colour::named(colour)?),
        ("bell", colour) => bell(Colour::named(colour)?),
        ("saddle", colour) => saddle(Colour::named(colour)?),
        ("roll", colour) => roll(Colour::named(colour)?),
        _ => return None,
    })
}

/// A tent with boots in its porch.
fn tent(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let boot = |svg: Svg, x: i32| {
        svg.put(format_args!("translate({x} 434)"), |svg| {
            svg.path(HONEY, "M-14-40h22v22c14 2 22 6 22 14h-44z").path(HONEY.dark(), "M-14-40h8v34h-8z").rect(
                INK,
                [-16, -7, 48, 7],
                3,
            )
        })
    };
    Svg::on_ground(235)
        .line(COAL, 4, "M112 392 54 436M488 392l58 44")
        .path(colour, "M80 434 300 128l220 306z")
        .path(light, "M80 434 300 128 214 434z")
        .path(dark, "M300 128l220 306H386z")
        .path(INK, "M300 128l74 306H226z")
        .path(COAL, "M300 200l40 234H256z")
        .path(light, "M300 128 226 434h-44c44-60 88-160 118-306z")
        .path(dark, "M300 128c10 110 44 210 106 270l10 36h-42z")
        .path(colour, "M300 128c10 110 50 220 116 306h-14C350 360 310 250 300 128z")
        .line(dark.dark(), 5, "M300 112v22")
        .each([282, 326], boot)
}

/// A sleeping bag whose hood begins at a height, and the sack that it goes into.
fn bag(top: i32) -> Svg {
    let colour = RUST;
    let (dark, step) = (colour.dark(), (404 - top - 136) / 4);
    let outline = [
        [0, top],
        [66, top],
        [80, top + 44],
        [80, top + 84],
        [98, top + 112],
        [98, top + 180],
        [78, 380],
        [74, 424],
        [62, 434],
        [30, 434],
    ];
    let hood = |narrow: i32, high: i32| {
        let (half, peak, point) = (52 - narrow, top + 22 + high, top + 196 - 2 * narrow);
        let (wide, low) = (top + 76, top + 128);
        format!(
            "M236 {peak}C{} {peak} {} {wide} {} {low}L236 {point} {} {low}C{} {wide} {} {peak} 236 {peak}z",
            236 + half,
            240 + half,
            228 + half / 2,
            244 - half / 2,
            232 - half,
            236 - half
        )
    };
    Svg::on_ground(200)
        .turned(colour, 236, &outline)
        .each(0..5, |svg, seam| {
            let (y, half) = (top + 136 + seam * step, 88 - seam * 5);
            svg.line(dark.darker(78), 4, format_args!("M{} {y}q{half} 24 {} 0", 236 - half, 2 * half))
        })
        .line(COAL, 5, format_args!("M236 {}V392", top + 190))
        .path(dark.darker(70), hood(-10, -8))
        .path(CREAM, hood(0, 0))
        .path(CREAM.dark(), hood(12, 16))
        .oval(BRASS, [236, top + 206, 7, 12])
        .turned(
            NAVY,
            424,
            &[
                [48, 290],
                [60, 296],
                [66, 306],
                [66, 326],
                [68, 364],
                [68, 400],
                [66, 420],
                [64, 432],
                [56, 434],
                [48, 434],
            ],
        )
        .oval(NAVY.darker(60), [424, 292, 48, 13])
        .line(CREAM, 6, "M410 288c-32-48 46-58 30-2")
        .path(OCHRE, "M357 332h134v15H357z")
}

/// A spirit stove that burns.
fn stove(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let flame = |svg: Svg, (x, y, percent): (i32, i32, i32)| {
        svg.put(format_args!("translate({x} {y}) scale({})", f64::from(percent) / 100.0), |svg| {
            svg.path(BLUE.lighter(30), "M-26 0c-10-30 4-46 12-64 4 16 12 18 16 30 4-10 4-16 4-24 18 18 26 36 20 58z")
                .path(AMBER, "M-20-8c-14-44 14-70 18-116 22 30 42 70 24 116z")
                .path(GLOW, "M-10-12c-8-28 8-44 10-68 14 22 20 44 10 68z")
        })
    };
    Svg::on_ground(200)
        .oval(dark, [268, 286, 126, 34])
        .each([(190, 280, 84), (346, 280, 84), (230, 272, 104), (308, 272, 104)], flame)
        .oval(dark.dark(), [268, 292, 104, 24])
        .each([(216, 306, 96), (320, 306, 96), (268, 314, 124)], flame)
        .turned(
            colour,
            268,
            &[
                [126, 286],
                [126, 310],
                [126, 330],
                [120, 336],
                [116, 340],
                [118, 380],
                [118, 400],
                [118, 426],
                [108, 434],
                [90, 434],
            ],
        )
        .path(light, "M142 286a126 34 0 0 0 252 0v12a126 34 0 0 1-252 0z")
        .dashes(dark.dark(), 11, "0 25", "M158 326q110 44 222 0")
        .line(dark, 5, "M156 372q112 40 224 0M154 388q114 40 228 0")
        .rect(colour, [398, 392, 96, 42], 8)
        .rect(dark, [450, 392, 44, 42], 8)
        .dashes(dark.dark(), 26, "3 7", "M406 416h84")
        .rect(light, [398, 390, 96, 10], 5)
}

/// A mug with a rim of another colour, and a chip.
fn mug(colour: Colour) -> Svg {
    let (dark, (rim, chip)) = (colour.dark(), if colour == NAVY { (CREAM, STEEL.dark()) } else { (NAVY, COAL) });
    Svg::on_ground(150)
        .line(dark, 26, "M394 262c66-14 88 26 80 68-8 42-40 62-80 60")
        .line(colour, 12, "M396 256c64-14 92 22 84 64")
        .turned(colour, 282, &[[124, 196], [124, 260], [124, 340], [120, 410], [118, 428], [108, 434], [96, 434]])
        .oval(dark, [282, 196, 124, 29])
        .oval(WALNUT.darker(60), [282, 203, 108, 19])
        .oval(WALNUT.darker(80), [262, 203, 66, 9])
        .ring(rim, 9, [282, 196, 124, 29])
        .path(chip, "M200 412c10-8 20-2 24 6s10 8 8 16h-34c-8-4-6-16 2-22z")
        .path(chip, "M344 226c8-2 14 2 12 8s-4 10-10 8-8-14-2-16z")
}

/// A torch on a band.
fn torch(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(180)
        .path(dark.dark(), "M112 240a188 74 0 0 1 376 0v52a188 74 0 0 0-376 0z")
        .path(dark, "M112 240a188 74 0 0 1 376 0v10a188 74 0 0 0-376 0z")
        .path(colour, "M112 240a188 92 0 0 0 376 0v56a188 92 0 0 1-376 0z")
        .path(light, "M112 240c0 24 20 46 54 62v56c-34-18-54-40-54-62z")
        .path(dark, "M488 240c0 24-20 46-54 62v56c34-18 54-40 54-62z")
        .dashes(CREAM, 5, "14 9", "M114 268a188 92 0 0 0 372 0")
        .rect(COAL.dark(), [208, 296, 184, 138], 26)
        .rect(COAL, [208, 290, 184, 134], 26)
        .path(COAL.lighter(26), "M208 316q0-26 26-26h132q14 0 21 9-6-2-14-2H244q-24 0-24 24v96q-12-8-12-22z")
        .oval(STEEL, [272, 358, 52, 52])
        .oval(STEEL.dark(), [276, 362, 46, 46])
        .oval(GLOW, [272, 358, 42, 42])
        .oval(WHITE, [262, 348, 20, 20])
        .oval(RED.dark(), [358, 336, 16, 16])
        .oval(RED.light(), [356, 334, 9, 9])
        .rect(colour, [340, 376, 36, 20], 10)
}

/// A pannier, closed by rolling.
fn pannier(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(165)
        .line(COAL, 12, "M190 166C204 76 396 76 410 166")
        .path(colour, "M176 190h248l22 204c2 26-12 40-36 40H190c-24 0-38-14-36-40z")
        .path(light, "M176 190h58l-16 244h-28c-24 0-38-14-36-40z")
        .path(dark, "M376 190h48l22 204c2 26-12 40-36 40h-16z")
        .path(dark.dark(), "M157 368h286l3 26c2 26-12 40-36 40H190c-24 0-38-14-36-40z")
        .path(dark, "M157 368h60l-2 66h-25c-24 0-38-14-36-40z")
        .rect(dark, [156, 142, 288, 66], 33)
        .rect(colour, [156, 142, 276, 54], 27)
        .rect(light, [176, 148, 180, 13], 6)
        .line(dark.dark(), 4, "M176 184h240")
        .line(COAL, 14, "M196 170V300M404 170V300")
        .rect(INK, [178, 236, 36, 48], 7)
        .rect(INK, [386, 236, 36, 48], 7)
        .rect(STEEL, [188, 250, 16, 8], 3)
        .rect(STEEL, [396, 250, 16, 8], 3)
        .path(WHITE, "M258 262h84v64l-42 26-42-26z")
        .path(STEEL, "M300 262h42v64l-42 26z")
}

/// A bell on a handlebar.
fn bell(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let coil = |svg: Svg, y: i32| svg.line(STEEL.dark(), 8, format_args!("M446 {y}l34-8"));
    Svg::on_ground(225)
        .rect(STEEL, [76, 380, 448, 50], 25)
        .rect(STEEL.light(), [96, 386, 400, 11], 5)
        .rect(STEEL.dark(), [96, 414, 410, 16], 8)
        .rect(COAL, [70, 374, 112, 60], 20)
        .dashes(INK, 60, "5 11", "M92 404h80")
        .rect(COAL, [244, 352, 96, 82], 12)
        .rect(COAL.light(), [244, 352, 24, 82], 10)
        .line(STEEL.dark(), 14, "M330 362c50 14 100 10 132-6")
        .each([352, 338, 324, 310], coil)
        .line(STEEL, 8, "M463 306V276")
        .oval(COAL, [462, 258, 25, 25])
        .oval(COAL.light(), [455, 251, 9, 9])
        .turned(colour.darker(80), 292, &[[138, 296], [132, 326], [100, 352], [60, 358]])
        .turned(colour, 292, &[[0, 120], [88, 120], [148, 184], [152, 286]])
        .path(dark.dark(), "M140 286h304q0 8-3 14H143q-3-6-3-14z")
        .line(dark.darker(85), 5, "M148 252q144 24 288 0")
        .path(light, "M204 172c16-16 36-28 56-32-32 26-54 56-62 100h-28c4-28 14-50 34-68z")
        .oval(dark.dark(), [292, 123, 26, 12])
        .oval(light, [288, 119, 18, 7])
}

/// A saddle on its post.
fn saddle(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    let spring = |svg: Svg, y: i32| svg.line(STEEL.dark(), 9, format_args!("M410 {y}q28 14 58-6"));
    let rivets = [[110, 214], [476, 168], [484, 196], [476, 226]];
    Svg::on_ground(130)
        .rect(STEEL, [276, 344, 34, 90], 4)
        .rect(STEEL.dark(), [294, 344, 16, 90], 4)
        .rect(STEEL.light(), [276, 344, 9, 90], 4)
        .line(STEEL.dark(), 9, "M124 262c40 60 110 86 186 76s80 10 122 40")
        .line(STEEL, 9, "M112 258c34 66 106 104 182 92 60-10 90 8 140 34")
        .rect(COAL, [256, 328, 74, 34], 10)
        .rect(COAL.lighter(26), [256, 328, 74, 10], 5)
        .each([284, 304, 324, 344, 364], spring)
        .rect(COAL, [404, 376, 70, 14], 7)
        .path(
            dark,
            "M84 228c-6-24 8-40 34-38 72 4 128 2 190-20\
             c58-22 100-42 146-42 40 0 62 28 56 70-6 38-20 66-40 82-20 6-38-2-56-24\
             c-36-30-92-34-156-22-62 12-126 28-152 16-12-6-18-12-22-22z",
        )
        .path(
            colour,
            "M84 222c-4-20 10-34 34-32 72 4 128 2 190-20\
             c58-22 100-42 146-42 38 0 60 26 56 60-40-16-104-2-166 24-72 30-150 38-258 20z",
        )
        .path(
            light,
            "M88 206c4-12 16-17 30-16 72 4 128 2 190-20 58-22 100-42 146-42-50 12-94 38-148 62-66 28-138 34-218 16z",
        )
        .each(rivets, |svg, [x, y]| svg.oval(COPPER, [x, y, 9, 9]).oval(COPPER.light(), [x - 2, y - 2, 4, 4]))
        .each([[330, 236], [356, 230], [382, 230]], |svg, [x, y]| svg.oval(dark.dark(), [x, y, 6, 6]))
}

/// A roll of tools, half open.
fn roll(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(215)
        .rect(dark, [84, 208, 340, 226], 10)
        .rect(dark.dark(), [84, 208, 340, 14], 7)
        .rect(STEEL, [120, 214, 20, 120], 4)
        .path(STEEL, "M104 196c0-18 10-30 20-34v30h12v-30c10 4 20 16 20 34 0 14-8 24-16 28h-20c-8-4-16-14-16-28z")
        .rect(STEEL, [188, 196, 12, 110], 2)
        .rect(RED, [178, 132, 32, 86], 12)
        .rect(RED.dark(), [196, 132, 14, 86], 7)
        .line(STEEL.dark(), 12, "M246 320V166q0-14 14-14h26")
        .rect(SKY.dark(), [306, 150, 26, 160], 12)
        .rect(SKY, [306, 150, 12, 160], 6)
        .path(STEEL, "M352 320V178a20 20 0 0 1 40 0v142h-12V180q-8-10-16 0v140z")
        .rect(colour, [84, 270, 340, 164], 10)
        .rect(light, [84, 270, 340, 10], 5)
        .dashes(light, 3, "9 7", "M166 284V428M226 284V428M286 284V428M346 284V428")
        .rect(dark, [404, 190, 104, 244], 46)
        .rect(colour, [396, 190, 92, 244], 44)
        .rect(light, [408, 206, 22, 212], 11)
        .rect(HONEY, [392, 296, 118, 34], 6)
        .rect(HONEY.dark(), [462, 296, 48, 34], 6)
        .rect(BRASS, [424, 288, 34, 50], 6)
        .rect(HONEY, [432, 297, 18, 32], 2)
}
