//! Lighting, kitchen and textiles.

use super::{
    colour::{
        AMBER, BRASS, COAL, COPPER, CORK, CREAM, Colour, GLOW, INK, OAK, PAPER, RED, SAND, SLATE, STEEL, WALNUT, WHITE,
    },
    svg::Svg,
};

pub(super) fn draw(object: &str, kind: &str) -> Option<Svg> {
    Some(match (object, kind) {
        ("moon", "40") => moon(104),
        ("moon", "60") => moon(152),
        ("skillet", "20") => skillet(78),
        ("skillet", "26") => skillet(100),
        ("mill", "15") => mill(296),
        ("mill", "30") => mill(214),
        ("rug", "80") => rug(70),
        ("rug", "170") => rug(100),
        ("lamp", colour) => lamp(Colour::named(colour)?),
        ("lantern", colour) => lantern(Colour::named(colour)?),
        ("clip", colour) => clip(Colour::named(colour)?),
        ("kettle", colour) => kettle(Colour::named(colour)?),
        ("bowls", colour) => bowls(Colour::named(colour)?),
        ("knife", colour) => knife(Colour::named(colour)?),
        ("towels", colour) => towels(Colour::named(colour)?),
        ("throw", colour) => throw(Colour::named(colour)?),
        ("cushion", colour) => cushion(Colour::named(colour)?),
        ("bath", colour) => bath(Colour::named(colour)?),
        _ => return None,
    })
}

/// A task lamp with a jointed arm.
fn lamp(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(165)
        .line(dark, 15, "M292 414 182 266")
        .rect(dark, [176, 408, 232, 26], 8)
        .rect(colour, [176, 408, 232, 15], 7)
        .line(colour, 15, "M182 266 362 150")
        .oval(dark, [182, 266, 20, 20])
        .oval(light, [177, 261, 8, 8])
        .put("translate(374 150) rotate(-34)", |svg| {
            svg.rect(dark, [-20, -34, 40, 44], 10)
                .path(colour, "M-30 0h60c8 44 50 52 60 104H-90C-80 52-38 44-30 0z")
                .path(light, "M-30 0h20c-4 44-34 52-42 104h-38C-80 52-38 44-30 0z")
                .oval(dark, [0, 104, 90, 18])
                .oval(GLOW, [0, 106, 70, 11])
        })
}

/// A pendant of paper of a radius.
fn moon(radius: i32) -> Svg {
    let (centre, paper) = (252, CREAM);
    let top = centre - radius;
    let (across, down) = (radius * 71 / 100, radius * 141 / 100);
    let bend = radius * 11 / 10;
    Svg::on_ground(radius * 3 / 4)
        .line(INK, 4, format_args!("M300 0V{top}"))
        .oval(paper, [300, centre, radius, radius])
        .oval(GLOW, [300 - radius / 8, centre - radius / 8, radius * 2 / 3, radius * 2 / 3])
        .path(
            CORK.veil(26),
            format_args!(
                "M{} {}a{radius} {radius} 0 0 1-{down} {down}a{bend} {bend} 0 0 0 {down}-{down}z",
                300 + across,
                centre - across
            ),
        )
        .each(-4..5, |svg, rib| {
            let y = rib * radius * 2 / 9;
            let half = (radius * radius - y * y).isqrt();
            let sag = radius / 8 + rib * 2;
            svg.line(CORK.veil(55), 3, format_args!("M{} {}q{half} {sag} {} 0", 300 - half, centre + y, 2 * half))
        })
        .rect(WALNUT, [276, top - 8, 48, 14], 5)
        .rect(WALNUT, [280, centre + radius - 5, 40, 12], 5)
}

/// A storm lantern.
fn lantern(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(150)
        .line(COAL, 6, "M206 236C160 50 440 50 394 236")
        .line(colour, 15, "M212 392V226c0-26 18-38 46-38")
        .line(dark, 15, "M388 392V226c0-26-18-38-46-38")
        .path(GLOW, "M266 356c-44-36-46-84-2-124h72c44 40 42 88-2 124z")
        .path(AMBER, "M300 258c22 28 30 44 30 60a30 30 0 0 1-60 0c0-16 8-32 30-60z")
        .path(WHITE, "M300 296c10 12 14 20 14 28a14 14 0 0 1-28 0c0-8 4-16 14-28z")
        .line(dark, 4, "M238 300q62 22 124 0")
        .turned(colour, 300, &[[28, 150], [28, 150], [28, 184], [28, 184], [60, 188], [70, 210], [74, 236]])
        .rect(dark, [262, 146, 76, 12], 6)
        .rect(dark, [256, 350, 88, 24], 6)
        .turned(colour, 300, &[[84, 370], [96, 372], [98, 380], [100, 392], [102, 410], [108, 420], [108, 434]])
        .rect(dark, [192, 420, 216, 14], 6)
        .rect(light, [192, 420, 90, 5], 2)
        .line(dark, 8, "M400 396h26")
        .oval(BRASS, [432, 396, 9, 17])
}

/// A reading light, clipped to an open book.
fn clip(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(215)
        .path(RED.dark(), "M84 416l44-116h344l44 116c-80-8-158-2-216 18-58-20-136-26-216-18z")
        .path(PAPER, "M300 422c-52-22-128-28-200-18l40-112c62-6 118 0 160 22z")
        .path(CREAM.darker(92), "M300 422c52-22 128-28 200-18l-40-112c-62-6-118 0-160 22z")
        .path(GLOW, "M132 314l52 84c42-2 80 4 116 20V316c-44-22-100-28-160-24z")
        .line(SLATE.veil(60), 5, "M158 324q60-4 112 14M150 346q64-4 120 14M142 368q68-4 128 14M134 388q70-2 100 6")
        .line(SLATE.veil(60), 5, "M442 324q-60-4-112 14M450 346q-64-4-120 14M458 368q-68-4-128 14")
        .line(COAL, 11, "M414 286C446 170 380 96 306 112 268 120 244 146 226 178")
        .rect(colour, [384, 270, 58, 62], 12)
        .rect(light, [384, 270, 20, 62], 10)
        .oval(dark, [420, 300, 11, 11])
        .put("translate(222 186) rotate(30)", |svg| {
            svg.rect(colour, [-30, -34, 60, 62], 22)
                .path(light, "M-30-12q0-22 22-22h6v62h-28z")
                .rect(dark, [-42, 20, 84, 18], 9)
                .rect(GLOW, [-32, 32, 64, 9], 4)
        })
}

/// A pan of cast iron, with an egg or two.
fn skillet(percent: i32) -> Svg {
    let egg = |svg: Svg, [x, y]: [i32; 2]| {
        svg.put(format_args!("translate({x} {y})"), |svg| {
            svg.path(WHITE, "M-62 4c-6-26 26-42 58-38 30 4 66 8 62 36-4 26-30 30-58 30-30 0-56-4-62-28z")
                .oval(AMBER, [0, -2, 26, 17])
                .oval(GLOW, [-8, -8, 8, 4])
        })
    };
    let eggs: &[_] = if percent < 90 { &[[262, 330]] } else { &[[218, 312], [310, 346]] };
    Svg::on_ground(176 * percent / 100).sized(percent, |svg| {
        svg.path(COAL, "M386 262L508 176c18-12 44 4 46 26 0 12-6 22-14 28L414 320z")
            .path(COAL.lighter(26), "M386 262L508 176c10-6 22-4 32 2L400 284z")
            .oval(INK, [521, 207, 15, 10])
            .path(COAL.dark(), "M94 312c0 70 62 122 170 122s170-52 170-122z")
            .path(COAL, "M94 312c0 70 60 122 130 122-60-24-86-72-86-122z")
            .oval(COAL.lighter(22), [264, 312, 170, 88])
            .oval(INK, [264, 315, 156, 77])
            .oval(COAL, [264, 326, 140, 66])
            .each(eggs, |svg, at| egg(svg, *at))
    })
}

/// A kettle with a thin spout and a dial on its lid.
fn kettle(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(170)
        .path(dark, "M222 396C126 380 158 276 118 224c-12-14-26-18-46-18l-4-15c34-6 58 4 72 26 34 54 14 104 84 118z")
        .path(colour, "M118 224c-12-14-26-18-46-18l-4-15c34-6 58 4 72 26z")
        .line(COAL, 24, "M404 268c66-10 88 24 80 66-8 38-40 58-76 60")
        .turned(colour, 312, &[[84, 246], [96, 300], [118, 356], [118, 408], [118, 428], [106, 434], [92, 434]])
        .turned(colour, 312, &[[14, 196], [54, 198], [82, 212], [86, 238]])
        .rect(dark, [220, 234, 184, 17], 8)
        .rect(light, [220, 234, 60, 7], 3)
        .rect(COAL, [302, 178, 20, 24], 4)
        .oval(COAL, [312, 160, 30, 30])
        .oval(PAPER, [312, 160, 22, 22])
        .line(RED, 5, "M312 161l10-12")
}

/// A stack of four bowls, glazed inside and bare outside.
fn bowls(glaze: Colour) -> Svg {
    let stone = SAND.darker(78);
    let stack = [(300, 322), (304, 274), (297, 226), (301, 178)];
    let at = |x: i32, y: i32| format!("translate({x} {y})");
    Svg::on_ground(120)
        .each(stack, |svg, (x, y)| svg.oval(glaze.dark(), [x, y, 148, 36]).oval(glaze.darker(60), [x, y + 5, 134, 28]))
        .each(stack.into_iter().rev(), |svg, (x, y)| {
            svg.put(at(x, y), |svg| {
                svg.path(stone, "M-148 0c4 58 48 90 94 100v12H54v-12c46-10 90-42 94-100a148 36 0 0 1-296 0z")
                    .path(stone.light(), "M-148 0c4 58 48 90 94 100v12h26v-14c-48-14-76-38-84-72-26-10-36-18-36-26z")
                    .path(stone.dark(), "M148 0c-4 58-48 90-94 100v12H14v-14c48-8 84-32 94-72 28-8 40-16 40-26z")
                    .path(
                        glaze,
                        "M-148 0a148 36 0 0 0 296 0c0 12-1 18-3 26-24 18-80 30-145 30S-121 44-145 26c-2-8-3-14-3-26z",
                    )
                    .path(glaze.light(), "M-148 0c0 8 12 18 36 25v20c-18-5-28-11-33-19-2-8-3-14-3-26z")
                    .path(glaze.dark(), "M148 0c0 8-12 18-40 26v20c20-6 31-12 37-20 2-8 3-14 3-26z")
            })
        })
        .oval(glaze.light(), [301, 178, 148, 36])
        .oval(glaze.dark(), [301, 182, 137, 30])
        .path(glaze, "M166 188a137 30 0 0 0 270 0c-30 14-80 20-135 20s-105-6-135-20z")
}

/// A bread knife over a loaf.
fn knife(colour: Colour) -> Svg {
    let crust = COPPER;
    Svg::on_ground(190)
        .path(crust, "M112 412c-24-80 60-142 182-142s206 62 194 142c-2 14-12 22-26 22H138c-14 0-22-8-26-22z")
        .path(crust.light(), "M112 412c-24-80 60-142 182-142-84 14-150 66-138 164h-18c-14 0-22-8-26-22z")
        .path(crust.dark(), "M400 289c62 24 96 70 88 123-2 14-12 22-26 22h-44c34-44 24-108-18-145z")
        .path(
            CREAM,
            "M214 300c24 8 40 26 46 50-24-4-44-22-46-50zM292 296c24 8 40 26 46 50-24-4-44-22-46-50zM370 306\
             c22 8 36 24 42 46-22-4-40-20-42-46z",
        )
        .put("translate(306 232) rotate(-16)", |svg| {
            svg.path(
                STEEL,
                "M-238 4c6-30 34-44 78-44H96v62h-14q-9 12-18 0\
                 t-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0q-30-2-46-18z",
            )
            .path(
                STEEL.light(),
                "M-238 4q10 8 50 8H96v10h-14q-9 12-18 0\
                 t-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0-18 0q-30-2-46-18z",
            )
            .path(colour, "M90-42h150c18 0 28 12 28 30 0 22-10 40-30 40-16 0-20-8-40-8H90z")
            .path(colour.light(), "M90-42h150c14 0 22 8 26 18H90z")
            .path(colour.dark(), "M90 8h174c-4 12-14 20-26 20-16 0-20-8-40-8H90z")
            .rect(STEEL.dark(), [82, -44, 14, 68], 3)
            .each([124, 168, 212], |svg, x| svg.oval(COPPER, [x, -8, 7, 7]))
        })
}

/// A mill whose body begins at a height.
fn mill(top: i32) -> Svg {
    let wood = WALNUT.lighter(8);
    let middle = i32::midpoint(top, 434);
    let body = [
        [66, top],
        [66, top + 30],
        [42, top + 40],
        [42, middle],
        [42, middle + 40],
        [86, 388],
        [86, 414],
        [86, 428],
        [80, 434],
        [72, 434],
    ];
    Svg::on_ground(130)
        .turned(wood, 300, &body)
        .rect(WALNUT.darker(60), [215, 402, 170, 9], 4)
        .turned(wood, 300, &[[28, top - 106], [66, top - 98], [74, top - 44], [62, top - 12]])
        .rect(STEEL, [236, top - 14, 128, 16], 4)
        .rect(STEEL.light(), [236, top - 14, 40, 16], 4)
        .rect(STEEL.dark(), [324, top - 14, 40, 16], 4)
        .oval(BRASS.dark(), [300, top - 116, 20, 20])
        .oval(BRASS, [298, top - 118, 17, 17])
        .oval(BRASS.light(), [293, top - 123, 7, 7])
        .each([[412, 430], [436, 424], [186, 428]], |svg, [x, y]| svg.oval(INK, [x, y, 9, 8]))
}

/// Two towels on a rail.
fn towels(colour: Colour) -> Svg {
    let towel = |svg: Svg, (x, bottom, stripe): (i32, i32, Colour)| {
        let high = bottom - 132;
        svg.rect(colour, [x, 126, 140, high], 8)
            .rect(colour.light(), [x, 126, 34, high], 8)
            .rect(colour.dark(), [x + 112, 126, 28, high], 8)
            .each([0, 14, 36], |svg, up| svg.rect(stripe, [x, bottom - 60 - up, 140, if up == 14 { 14 } else { 6 }], 0))
            .dashes(
                colour.dark(),
                3,
                "10 8",
                format_args!("M{} 152V{}M{} 152V{}", x + 56, bottom - 110, x + 88, bottom - 110),
            )
            .dashes(colour.darker(88), 12, "4 6", format_args!("M{} {}h124", x + 8, bottom - 4))
    };
    Svg::on_ground(150)
        .line(WALNUT, 16, "M104 132h392")
        .each([(146, 404, SLATE), (314, 374, RED)], towel)
        .line(WALNUT.light(), 4, "M104 128h30M466 128h30")
        .oval(WALNUT.dark(), [100, 132, 17, 17])
        .oval(WALNUT.dark(), [500, 132, 17, 17])
}

/// A throw over a ladder.
fn throw(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(165)
        .line(OAK.dark(), 17, "M394 92l34 332")
        .line(OAK, 17, "M206 92l-34 332")
        .line(OAK, 13, "M204 132h192M180 396h240")
        .path(colour, "M156 178q0-16 16-16h256q16 0 16 16l14 196H142z")
        .path(light, "M156 178q0-16 16-16h46l-12 212h-64z")
        .path(dark, "M386 162h42q16 0 16 16l14 196h-60z")
        .path(CREAM, "M153 226h294l2 18H151zM149 252h302v5H149zM145 312h310l2 18H143zM143 338h314v5H143z")
        .path(dark, "M158 162h284q6 14-6 24H164q-12-10-6-24z")
        .path(colour, "M158 162h220l8 24H164q-12-10-6-24z")
        .dashes(dark, 12, "6 6", "M142 378h316")
        .dashes(colour, 22, "6 6", "M142 392h316")
}

/// A cushion in ticking.
fn cushion(stripe: Colour) -> Svg {
    let edge = "M132 104c24-2 48 12 168 12s144-14 168-12c4 24-14 60-14 162s18 138 14 164c-24 4-48-10-168-10\
                s-144 14-168 10c-4-26 14-62 14-164s-18-138-14-162z";
    Svg::on_ground(172)
        .path(CREAM, edge)
        .each(-2..3, |svg, column| {
            let bow = |x: i32| format!("M{} 116q{} 150 0 304", 300 + x, -x / 7);
            let (left, right) = (bow(column * 60 - 17), bow(column * 60 + 17));
            svg.dashes(stripe, 16, "400", bow(column * 60)).dashes(stripe, 4, "400", format_args!("{left}{right}"))
        })
        .path(
            INK.veil(14),
            "M468 104c4 24-14 60-14 162s18 138 14 164c-16 3-32-3-74-7 28-70 32-220 20-312 30-4 42-8 54-7z",
        )
        .path(
            WHITE.veil(30),
            "M132 104c16-1 30 4 58 8-10 80-10 220-2 311-26 3-42 8-56 7-4-26 14-62 14-164s-18-138-14-162z",
        )
        .line(stripe.dark(), 5, edge)
}

/// A folded towel.
fn bath(colour: Colour) -> Svg {
    let (dark, light) = (colour.dark(), colour.light());
    Svg::on_ground(205)
        .line(colour.darker(60), 7, "M134 250c-40 0-40 44 0 44")
        .each([362, 290, 218], |svg, y| {
            svg.rect(dark, [104, y, 392, 72], 36)
                .path(colour, format_args!("M140 {y}h320q28 0 34 28-8 24-40 28H108q-4-10-4-20 0-36 36-36z"))
                .path(light, format_args!("M140 {y}h238v14H130q-18 4-25 14 4-28 35-28z"))
                .dashes(dark, 4, "0 13", format_args!("M132 {0}h330M126 {1}h340", y + 26, y + 42))
        })
        .path(light, "M378 218h12v216h-12zM442 218h12v216h-12z")
        .path(dark, "M396 218h40v216h-40z")
        .path(colour.darker(60), "M378 284h76v6h-76zM378 356h76v6h-76z")
}

/// A rug that is being rolled out.
fn rug(percent: i32) -> Svg {
    let (wool, grey, brown) = (CREAM, STEEL.darker(88), WALNUT);
    Svg::on_ground(210 * percent / 100).sized(percent, |svg| {
        svg.path(wool, "M130 210h340l50 210H80z")
            .path(grey, "M122 244h356l9 38H113zM97 350h406l9 34H89z")
            .path(brown, "M113 282h374l3 14H110zM100 336h400l3 14H97z")
            .dashes(brown, 16, "18 18", "M112 316h380")
            .path(INK.veil(12), "M470 210l50 210h-50l-36-210z")
            .dashes(wool.dark(), 18, "5 6", "M80 428h440")
            .rect(wool, [118, 168, 364, 64], 32)
            .path(grey, "M160 168h30v64h-30zM410 168h30v64h-30z")
            .path(brown, "M202 168h14v64h-14zM384 168h14v64h-14z")
            .rect(INK.veil(14), [128, 206, 344, 26], 13)
            .oval(wool.dark(), [474, 200, 26, 32])
            .line(brown, 4, "M474 200c6-8 12 4 4 12s-18-2-14-16 24-14 28 4-4 26-18 28")
    })
}
