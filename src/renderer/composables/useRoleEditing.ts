/** Adds, changes, retires and orders roles. A failure stands beside the form, which keeps what was typed. */
import { computed, shallowRef, watchEffect } from 'vue'
import { useAppStore } from '../stores/appStore.ts'
import { useLabelStore } from '../stores/labelStore.ts'

type Content = { name: string; color: string; letter: string; description: string }

export function useRoleEditing() {
  const app = useAppStore()
  const labels = useLabelStore()
  const chosen = shallowRef<number>()
  const isNew = shallowRef(false)
  const error = shallowRef<unknown>()
  const isSaving = shallowRef(false)

  // The first at first; it stays chosen when the order changes.
  watchEffect(() => {
    chosen.value ??= labels.roles[0]?.id
  })
  const role = computed(() => (isNew.value ? undefined : labels.roleById.get(chosen.value ?? -1)))
  const uses = computed(() => {
    const counts = new Map<number, number>()
    for (const { roleId } of labels.labels) if (roleId !== null) counts.set(roleId, (counts.get(roleId) ?? 0) + 1)
    return counts
  })
  /** colours of the other roles in use, with their role */
  const taken = computed(
    () => new Map(labels.usedRoles.filter(({ id }) => id !== role.value?.id).map((own) => [own.color, own] as const)),
  )

  async function told(work: () => Promise<unknown>): Promise<boolean> {
    isSaving.value = true
    try {
      await work()
      await labels.loadRoles()
      error.value = undefined
      return true
    } catch (cause) {
      error.value = cause
      return false
    } finally {
      isSaving.value = false
    }
  }

  function choose(roleId: number | undefined): void {
    if (roleId === undefined || (roleId === chosen.value && !isNew.value)) return
    chosen.value = roleId
    isNew.value = false
    error.value = undefined
  }

  function begin(): void {
    isNew.value = true
    error.value = undefined
  }

  const save = (content: Content) =>
    told(async () => {
      const own = role.value
      const { id } = own
        ? await app.client()['role/change']({ roleId: own.id, ...content, isRetired: own.isRetired })
        : await app.client()['role/add'](content)
      chosen.value = id
      isNew.value = false
    })

  const retire = (isRetired: boolean) =>
    told(async () => {
      const { id, name, color, letter, description } = role.value!
      await app.client()['role/change']({ roleId: id, name, color, letter, description, isRetired })
    })

  function move(roleId: number, step: 1 | -1): Promise<boolean> {
    const ids = labels.usedRoles.map(({ id }) => id)
    const at = ids.indexOf(roleId)
    const [moved] = ids.splice(at, 1)
    ids.splice(at + step, 0, moved!)
    return told(() => app.client()['role/order']({ roleIds: ids }))
  }

  return {
    chosen,
    isNew,
    role,
    uses,
    taken,
    error,
    isSaving,
    choose,
    begin,
    cancel: () => (isNew.value = false),
    save,
    retire,
    move,
  }
}
