//! The numbers of the lines of a text.

/// Counts lines with any kind of line end. The CSV reader counts only line feeds, and does not count empty lines.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The line of the text at or after a position. Positions must be given in ascending order.
    pub(super) fn of(&mut self, place: u64) -> u32 {
        while let Some(byte) = self.bytes.get(self.at)
            && ((self.at as u64) < place || matches!(byte, b'\r' | b'\n'))
        {
            let ends = match byte {
                b'\r' => true,
                b'\n' => !self.bytes[..self.at].ends_with(b"\r"),
                _ => false,
            };
            self.line += u32::from(ends);
            self.at += 1;
        }
        self.line
    }
}
