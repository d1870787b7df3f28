/** Small symmetric matrices in float64, row-major [q, q]. */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix, solve } from 'ml-matrix'

export type Eigen = {
  /** largest first */
  values: Float64Array
  /** [q, q], row i belongs to values[i] */
  vectors: Float64Array
}

export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const rows = Array.from({ length: size }, (_, i) => matrix.subarray(i * size, (i + 1) * size))
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  })
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
  const vectors = new Float64Array(size * size)
  order.forEach((column, row) => {
    for (let i = 0; i < size; i++) vectors[row * size + i] = eigenvectorMatrix.get(i, column)
  })
  return { values: Float64Array.from(order, (at) => realEigenvalues[at]!), vectors }
}

/** left [a, k] times right [k, b], for matrices too small to be worth a trip to ONNX Runtime. */
export function multiply(left: Float64Array, right: Float64Array, a: number, k: number, b: number): Float64Array {
  const result = new Float64Array(a * b)
  for (let i = 0; i < a; i++) {
    for (let m = 0; m < k; m++) {
      const factor = left[i * k + m]!
      for (let j = 0; j < b; j++) result[i * b + j]! += factor * right[m * b + j]!
    }
  }
  return result
}

export function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!
  return result
}

/** basis [a, q] around a symmetric matrix: basis matrix basis^T, [a, a]. */
export function congruent(basis: Float64Array, matrix: Float64Array, a: number, q: number): Float64Array {
  return multiply(multiply(basis, matrix, a, q, q), transposed(basis, a, q), a, q, a)
}

/** Sum of the products of equal places: trace(left right) for symmetric matrices. */
export function innerProduct(left: Float64Array, right: Float64Array): number {
  let sum = 0
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!
  return sum
}

/**
 * The inverse of the lower Cholesky factor of a Gram matrix: its rows turn nearly orthonormal vectors into orthonormal ones.
 * @throws Error when the matrix is not positive definite
 */
export function inverseCholesky(gram: Float64Array, size: number): Float64Array {
  if (size === 0) return new Float64Array(0)
  const rows = Array.from({ length: size }, (_, i) => gram.subarray(i * size, (i + 1) * size))
  const cholesky = new CholeskyDecomposition(new Matrix(rows))
  if (!cholesky.isPositiveDefinite()) throw new Error('Cholesky needs a positive definite matrix.')
  return Float64Array.from(solve(cholesky.lowerTriangularMatrix, Matrix.eye(size)).to1DArray())
}
