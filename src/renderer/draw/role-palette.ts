/**
 * Colours for roles: twelve hues that stay apart for colour-blind eyes (Okabe and Ito 2008; Tol 2021), those that the
 * first roles have. A letter stands beside each everywhere, so that colour never says it alone.
 */
export const rolePalette = [
  '#0072b2',
  '#e69f00',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#882255',
  '#117733',
  '#999933',
  '#aa4499',
  '#b8a000',
  '#44aa99',
] as const

/** Black or white, whichever can be read on the colour (relative luminance of WCAG 2). @param color #rrggbb */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const luminance = luminanceOf(color)
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff'
}

/** @param color #rrggbb or rgb(r g b) @returns 0 to 1 */
function luminanceOf(color: string): number {
  const levels = color.startsWith('#')
    ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
    : (color.match(/\d+/g) ?? []).map(Number)
  const [red = 0, green = 0, blue = 0] = levels.map((level) => {
    const share = level / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
