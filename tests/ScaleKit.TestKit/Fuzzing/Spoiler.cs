using System.Buffers.Binary;

namespace ScaleKit.TestKit;

/// <summary>Makes one to three changes to a copy of a whole input, or noise of its own; the same seed makes the same inputs.</summary>
internal sealed class Spoiler(IReadOnlyList<byte[]> whole, Random random)
{
    private static readonly long[] Odd =
        [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 65_535, 65_536, int.MaxValue / 4, int.MaxValue - 1, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    // What other documents and protocols are made of, and what breaks readers of them.
    private static readonly byte[][] Words =
    [
        .. ((string[])["null", "true", "{}", "[]", "[[[[[[[[", "{\"a\":", "\"\"", "\"\\ud800\"", "-1", "0", "1e999", "NaN", "9223372036854775808", "-0.5", ",", "\n", "\0", "\u00e4\U0001F600"])
            .Select(System.Text.Encoding.UTF8.GetBytes),
        [0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ];

    public Random Random => random;

    public byte[] Next()
    {
        if (random.Next(8) == 0)
        {
            return Noise(200);
        }

        var bytes = Any(whole).ToArray();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            bytes = Spoil(bytes);
        }

        return bytes;
    }

    private byte[] Spoil(byte[] bytes)
    {
        // Half of the changes in the head, where the lengths and the formats are.
        var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 80) : bytes.Length);
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes, .. Noise(40)];
            case 4:
                WriteOdd(bytes.AsSpan(at));
                return bytes;
            case 5:
                return [.. bytes[..at], .. Noise(40), .. bytes[at..]];
            case 6:
                return [.. bytes[..at], .. Any(Words), .. bytes[at..]];
            case 7:
                return Replace(bytes, at, Any(Words));
            case 8:
                var repeated = bytes[at..Math.Min(bytes.Length, at + 1 + random.Next(24))];
                return [.. bytes[..at], .. Enumerable.Repeat(repeated, random.Next(1, 100)).SelectMany(static b => b), .. bytes[at..]];
            default:
                var other = Any(whole);
                return [.. bytes[..at], .. other[Math.Min(at, other.Length)..]];
        }
    }

    /// <summary>Puts the word in the place of the number or word that begins at or after a place.</summary>
    private static byte[] Replace(byte[] bytes, int at, byte[] word)
    {
        var first = at + Math.Max(0, bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9'));
        var length = bytes.AsSpan(first).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return [.. bytes[..first], .. word, .. bytes[(length < 0 ? bytes.Length : first + length)..]];
    }

    private void WriteOdd(Span<byte> place)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        var odd = Odd[random.Next(Odd.Length)];
        var width = Math.Min(place.Length, 1 << random.Next(1, 4));
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, odd);
            number[..width].CopyTo(place);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, odd);
            number[^width..].CopyTo(place);
        }
    }

    private byte[] Noise(int most)
    {
        var bytes = new byte[random.Next(most)];
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
        {
            var head = Any(whole).AsSpan();
            head[..Math.Min(Math.Min(head.Length, bytes.Length), 16)].CopyTo(bytes);
        }

        return bytes;
    }

    private T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
