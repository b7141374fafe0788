using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>
/// Count and hash of the live rows of a range. The hash is the sum of a hash of each row (key, version, value), so it does not depend on the order
/// or on how the rows are spread over shards: equal digests mean equal rows, up to the chance of a 64-bit collision.
/// </summary>
/// <param name="Rows">How many live rows.</param>
/// <param name="Hash">The sum of the row hashes, modulo 2^64.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RangeDigest(long Rows, ulong Hash)
{
    /// <summary>The digest with one more row, for authors of a store: two stores only agree when they hash alike.</summary>
    /// <param name="key">The key's text form.</param>
    /// <param name="version">The row's version.</param>
    /// <param name="value">The value as it is stored; text in UTF-8.</param>
    public RangeDigest AddRow(string key, RowVersion version, ReadOnlySpan<byte> value) => Add(new(1, RowHash.Of(key, version, value)));

    /// <summary>The digest of both ranges together.</summary>
    public RangeDigest Add(RangeDigest other) => new(Rows + other.Rows, unchecked(Hash + other.Hash));
}
