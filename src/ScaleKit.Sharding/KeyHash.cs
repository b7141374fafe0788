using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ScaleKit.Sharding;

/// <summary>
/// The stable 64-bit hash that all placement starts from: XXH3-64 with seed 0 (xxHash specification 0.8) of a key's bytes. The same key gives the
/// same hash in every process, on every machine, in every version of this library; docs/placement.md defines it and lists golden vectors.
/// Not for security: whoever knows it can choose keys that meet. Thread-safe; allocates nothing.
/// </summary>
public static class KeyHash
{
    // Three bytes are the most that one UTF-16 code unit becomes.
    private const int StackBytes = 768;
    private const int StackChars = StackBytes / 3;

    /// <summary>Hashes the UTF-8 bytes of a string. A lone surrogate counts as U+FFFD, as <see cref="Encoding.UTF8"/> has it.</summary>
    /// <param name="key">Any string, the empty one included.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public static ulong Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Of(key.AsSpan());
    }

    /// <inheritdoc cref="Of(string)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<char> key) => AsciiKeyHash.TryHash(key, out var hash) ? hash : OfAny(key);

    /// <summary>Hashes bytes as they are. For valid UTF-8 the result equals that of the string.</summary>
    /// <param name="utf8Key">The key's bytes; not checked to be valid UTF-8.</param>
    public static ulong OfUtf8(ReadOnlySpan<byte> utf8Key) => XxHash3.HashToUInt64(utf8Key);

    /// <summary>Hashes an integer as a <see cref="long"/>: 5 and 5L are one key.</summary>
    /// <param name="key">Any value.</param>
    public static ulong Of(int key) => Of((long)key);

    /// <summary>Hashes the 8 bytes of the two's complement, little-endian.</summary>
    /// <param name="key">Any value.</param>
    public static ulong Of(long key) => Of(unchecked((ulong)key));

    /// <summary>Hashes the 8 bytes, little-endian. Up to <see cref="long.MaxValue"/> the same as the <see cref="long"/>.</summary>
    /// <param name="key">Any value.</param>
    [SkipLocalsInit]
    public static ulong Of(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, key);
        return XxHash3.HashToUInt64(bytes);
    }

    /// <summary>
    /// Hashes the 16 bytes in the order of RFC 9562, section 4: the order of the printed digits, which other languages use, and not that of <see cref="Guid.ToByteArray()"/>.
    /// </summary>
    /// <param name="key">Any value.</param>
    [SkipLocalsInit]
    public static ulong Of(Guid key)
    {
        Span<ulong> words = stackalloc ulong[2];
        if (BitConverter.IsLittleEndian)
        {
            // By whole words: fields that are written one by one and read back as a word make the read wait for all of the writes.
            ref var fields = ref Unsafe.As<Guid, ulong>(ref key);
            words[0] = BinaryPrimitives.ReverseEndianness((fields << 32) | ((fields >> 16) & 0xFFFF_0000) | (fields >> 48));
            words[1] = Unsafe.Add(ref fields, 1);
        }
        else
        {
            key.TryWriteBytes(MemoryMarshal.AsBytes(words), bigEndian: true, out _);
        }

        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(words));
    }

    /// <summary>
    /// The hash of a composite key from the hashes of its parts, in order: XXH3-64 of the parts' hashes, each as 8 bytes little-endian.
    /// Parts cannot run into each other: ("ab", "c") and ("a", "bc") differ.
    /// </summary>
    /// <param name="parts">One hash per part, at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="parts"/> is empty or has more than 32 parts.</exception>
    [SkipLocalsInit]
    public static ulong Combine(params ReadOnlySpan<ulong> parts)
    {
        const int MostParts = 32;
        if (parts.Length is 0 or > MostParts)
        {
            throw new ArgumentException($"A composite key has 1 to {MostParts} parts, not {parts.Length}.", nameof(parts));
        }

        Span<byte> bytes = stackalloc byte[MostParts * sizeof(ulong)];
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(i * sizeof(ulong))..], parts[i]);
        }

        return XxHash3.HashToUInt64(bytes[..(parts.Length * sizeof(ulong))]);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong OfAny(ReadOnlySpan<char> key)
    {
        if (key.Length > StackChars)
        {
            return StreamingKeyHash.Of(key);
        }

        Span<byte> utf8 = stackalloc byte[StackBytes];
        return XxHash3.HashToUInt64(utf8[..Encoding.UTF8.GetBytes(key, utf8)]);
    }
}
