/** Light, dark, or as the system has it; kept in the browser, since it belongs to the screen and not to a workspace. */
import { ref, watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'headwise/theme'
const stored = localStorage.getItem(key)
export const theme = ref<Theme>(themes.find((name) => name === stored) ?? 'system')

watchEffect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
  localStorage.setItem(key, theme.value)
})

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length]!
}
