/** Apache ECharts with the parts that the workbench uses, fetched when the first chart is shown. */
import type { EChartsCoreOption } from 'echarts/core'

export type ChartOption = EChartsCoreOption

export type ChartColors = { text: string; dim: string; line: string; accent: string; ground: string; warn: string }

export async function loadCharts() {
  return await import('./charts-library.ts')
}

/** The theme's colours as the element sees them. */
export function chartColors(element: Element): ChartColors {
  const probe = document.createElement('span')
  element.append(probe)
  const read = (name: string) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const colors = {
    text: read('--text'),
    dim: read('--dim'),
    line: read('--line'),
    accent: read('--accent'),
    ground: read('--pane'),
    warn: read('--warn'),
  }
  probe.remove()
  return colors
}

/** On paper a figure is always light. */
export const printColors: ChartColors = {
  text: '#1b1e22',
  dim: '#59616a',
  line: '#d8dbdf',
  accent: '#17667f',
  ground: '#ffffff',
  warn: '#7a5200',
}

/** What every chart has in common: small grey axes, no motion. */
export function chartBase({ text, dim, line }: ChartColors) {
  const label = { color: dim, fontSize: 11 }
  return {
    animation: false,
    textStyle: { color: text, fontSize: 11 },
    grid: {
      left: 4,
      right: 10,
      top: 12,
      bottom: 4,
      outerBoundsMode: 'same' as const,
      outerBoundsContain: 'axisLabel' as const,
    },
    axis: {
      axisLabel: label,
      nameTextStyle: label,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: line } },
    },
  }
}
