import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openImageReader, readDataSet } from '../../../../src/engine/dataset/index.ts'
import { type Place, sampleFolder, temporaryFolder } from '../../../support/sample.ts'

let place: Place
beforeEach(() => {
  place = temporaryFolder()
})
afterEach(() => place.remove())

function put(path: string, content = 'x'): string {
  const whole = join(place.folder, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

describe('folders', () => {
  it('takes the first folder as the label and sorts numbers as numbers', async () => {
    for (const name of ['owl/10.jpg', 'owl/9.jpg', 'duck/1.PNG', 'duck/.hidden.jpg', 'duck/notes.txt']) put(name)
    const { kind, images } = await readDataSet(place.folder)
    expect(kind).toBe('folder')
    expect(images.map(({ path, label, split }) => [path, label, split])).toEqual([
      ['duck/1.PNG', 'duck', null],
      ['owl/9.jpg', 'owl', null],
      ['owl/10.jpg', 'owl', null],
    ])
  })

  it('takes train, val and test above the labels as splits', async () => {
    for (const name of ['train/owl/1.jpg', 'val/owl/2.jpg', 'test/duck/3.jpg']) put(name)
    const { images } = await readDataSet(place.folder)
    expect(images.map(({ label, split }) => [split, label])).toEqual([
      ['test', 'duck'],
      ['train', 'owl'],
      ['valid', 'owl'],
    ])
  })

  it('follows no link', async () => {
    put('a.jpg')
    symlinkSync(join(sampleFolder, 'scenes'), join(place.folder, 'elsewhere'))
    expect((await readDataSet(place.folder)).images).toHaveLength(1)
  })

  it('refuses a folder without images and a place that is not there', async () => {
    put('readme.md')
    await expect(readDataSet(place.folder)).rejects.toThrow(
      `"${place.folder}" must hold images (.jpg, .jpeg, .png, .webp, .gif, .tif, .tiff, .avif); none was found.`,
    )
    await expect(readDataSet(join(place.folder, 'none'))).rejects.toThrow(
      `There is no folder or file "${join(place.folder, 'none')}".`,
    )
    await expect(readDataSet(put('a.zip'))).rejects.toThrow(
      /^A data set is a folder, a \.csv or a \.mat file; ".*a\.zip" is none of them\.$/,
    )
  })
})

describe('tables', () => {
  it('reads quotes, a byte order mark, semicolons and Windows line ends', async () => {
    put('a b.jpg')
    put('c;d.jpg')
    const path = put(
      'list.csv',
      '\ufeffFile;Class;split;note\r\n"a b.jpg";owl;test;"says ""hi"""\r\n"c;d.jpg";duck;;\r\n',
    )
    const { kind, columns, images, problems } = await readDataSet(path)
    expect({ kind, columns, problems }).toEqual({ kind: 'csv', columns: ['note'], problems: [] })
    expect(images.map(({ path, label, split, attributes }) => ({ path, label, split, attributes }))).toEqual([
      { path: 'a b.jpg', label: 'owl', split: 'test', attributes: { note: 'says "hi"' } },
      { path: 'c;d.jpg', label: 'duck', split: null, attributes: { note: '' } },
    ])
  })

  it('reads the Waterbirds layout', async () => {
    const { kind, images } = await readDataSet(join(sampleFolder, 'birds'))
    expect(kind).toBe('waterbirds')
    expect(images).toHaveLength(720)
    const counts = (split: string) => images.filter((image) => image.split === split).length
    expect([counts('train'), counts('valid'), counts('test')]).toEqual([200, 120, 400])
    expect(images[1]).toMatchObject({
      path: 'duck/0001.jpg',
      label: '1',
      attributes: { place: '1', place_filename: 'water' },
    })
  })

  it('lists every row that cannot be taken, with its line', async () => {
    put('a.jpg')
    const rows = ['file,label', 'a.jpg,1', 'missing.jpg,1', '../outside.jpg,1', '/etc/passwd,1', 'a.jpg,2', ',3']
    const { images, problems } = await readDataSet(put('list.csv', rows.join('\n')))
    expect(images.map(({ path }) => path)).toEqual(['a.jpg'])
    expect(problems).toEqual([
      { where: 'list.csv line 3', reason: 'There is no file "missing.jpg".' },
      { where: 'list.csv line 4', reason: `"../outside.jpg" must lie inside the data set's folder.` },
      { where: 'list.csv line 5', reason: `"/etc/passwd" must lie inside the data set's folder.` },
      { where: 'list.csv line 6', reason: '"a.jpg" stands in line 2 already.' },
      { where: 'list.csv line 7', reason: 'It names no file.' },
    ])
  })

  it('refuses a table without a file column, with a column twice, and one that names nothing that is there', async () => {
    await expect(readDataSet(put('a.csv', 'name,label\nx,1\n'))).rejects.toThrow(
      '"a.csv" must have a column that names the image files (file, filename, file_name, path, filepath, image, img_filename); its columns are "name", "label".',
    )
    await expect(readDataSet(put('b.csv', 'file,label,label\nx,1,2\n'))).rejects.toThrow(
      '"b.csv" must name each column once; "label" stands twice.',
    )
    await expect(readDataSet(put('c.csv', 'file\nx.jpg\n'))).rejects.toThrow(
      '"c.csv" must name at least one image that is there; none of its 1 rows does. The first: c.csv line 2: There is no file "x.jpg".',
    )
  })
})

describe('MATLAB files', () => {
  it('reads images by reference from disk', async () => {
    const path = join(sampleFolder, 'segmentation.mat')
    const { kind, images } = await readDataSet(path)
    expect(kind).toBe('mat')
    expect(images).toHaveLength(100)
    expect(images[1]).toMatchObject({ path: '#1', attributes: { id: 'ring_0001' } })
    const reader = await openImageReader({ kind: 'mat', root: path })
    const image = await reader.read('#1')
    expect([image.widthPx, image.heightPx, image.rgb.length]).toEqual([96, 96, 96 * 96 * 3])
    await expect(reader.read('#100')).rejects.toThrow('"segmentation.mat" has no image 100; images run from 0 to 99.')
    reader.close()
  })

  it('refuses version 5 and files of other kinds', async () => {
    await expect(readDataSet(put('old.mat', 'MATLAB 5.0 MAT-file, Platform: GLNXA64'))).rejects.toThrow(
      '"old.mat" must be a MATLAB 7.3 file; it is a MATLAB 5 file; save it with "-v7.3".',
    )
    await expect(readDataSet(put('other.mat', 'hello'))).rejects.toThrow(
      '"other.mat" must be a MATLAB 7.3 file; it is another kind of file.',
    )
    await expect(readDataSet(put('cut.mat', 'MATLAB 7.3 MAT-file'.padEnd(600)))).rejects.toThrow(
      '"cut.mat" must be a MATLAB 7.3 file; its HDF5 part cannot be read.',
    )
  })
})
