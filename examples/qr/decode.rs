//! Reads the QR codes back with another library.

/// What the QR code in `svg` says. The SVG has one path of rectangles, `M12 8h4v4h-4z` each or the like.
pub(crate) fn svg(svg: &str) -> Option<String> {
    let side = number_after(svg, "width=\"")?;
    let path = svg.rsplit_once(" d=\"")?.1.split_once('"')?.0;
    let mut dark = std::collections::HashSet::new();
    for rectangle in path.split('M').skip(1) {
        let mut numbers = rectangle
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(|part| part.parse::<usize>());
        let mut next = || numbers.next().and_then(Result::ok);
        let (x, y, width, height) = (next()?, next()?, next()?, next()?);
        for at in y..y.checked_add(height)? {
            dark.extend((x..x.checked_add(width)?).map(|x| (x, at)));
        }
    }
    grey(side, side, |x, y| dark.contains(&(x, y)))
}

/// What the QR code in a terminal's text says; its dark modules are blank.
pub(crate) fn terminal(text: &str) -> Option<String> {
    let rows: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let width = rows.first()?.len();
    let light = |x: usize, y: usize| {
        let half = rows.get(y / 2).and_then(|row| row.get(x)).copied().unwrap_or(' ');
        half == '█' || half == if y.is_multiple_of(2) { '▀' } else { '▄' }
    };
    // Four pixels to a module, as a camera would see more than one.
    let (width, height) = (width.checked_mul(4)?, rows.len().checked_mul(8)?);
    grey(width, height, |x, y| !light(x / 4, y / 4))
}

fn number_after(text: &str, before: &str) -> Option<usize> {
    text.split_once(before)?.1.split_once('"')?.0.parse().ok()
}

fn grey(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> Option<String> {
    let pixel = |x, y| if dark(x, y) { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let grids = image.detect_grids();
    let [grid] = grids.as_slice() else { return None };
    grid.decode().ok().map(|(_, content)| content)
}
