using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ScaleKit.Caching;

namespace ScaleKit.Redis;

/// <summary>
/// The bytes of a record: a line of text that the script writes (epoch, sequence, link of the record before, its own link), then the keys and the tags, each
/// list as a count and each text as a length and UTF-8, little-endian. Reading trusts nothing: anybody may write to a channel.
/// </summary>
internal static class InvalidationCodec
{
    private const byte Space = (byte)' ';
    private const byte LineEnd = (byte)'\n';
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">A key or tag has a lone surrogate, which has no UTF-8.</exception>
    public static byte[] Encode(Invalidation invalidation)
    {
        var bytes = new byte[8 + invalidation.Keys.Concat(invalidation.Tags).Sum(text => 4 + StrictUtf8.GetByteCount(text))];
        var at = Write(bytes, 0, invalidation.Keys);
        Write(bytes, at, invalidation.Tags);
        return bytes;
    }

    public static byte[] Encode(string tag) => StrictUtf8.GetBytes(tag);

    public static bool TryDecode(string cache, ReadOnlySpan<byte> source, out InvalidationRecord record)
    {
        record = default;
        if (!TryReadNumber(ref source, Space, out var epoch) || !TryReadNumber(ref source, Space, out var sequence)
            || !TryReadNumber(ref source, Space, out var previous) || !TryReadNumber(ref source, LineEnd, out var link))
        {
            return false;
        }

        // The beginning of an epoch: no keys and no tags.
        string[]? keys = [], tags = [];
        if (!source.IsEmpty && (!TryReadTexts(ref source, out keys) || !TryReadTexts(ref source, out tags) || !source.IsEmpty))
            return false;
        record = new(new(epoch, sequence, link), new(cache, keys, tags), previous);
        return true;
    }

    public static bool TryDecodeTag(ReadOnlySpan<byte> source, [NotNullWhen(true)] out string? tag)
    {
        tag = System.Text.Unicode.Utf8.IsValid(source) ? StrictUtf8.GetString(source) : null;
        return tag is not null;
    }

    private static int Write(byte[] bytes, int at, IReadOnlyList<string> texts)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), texts.Count);
        at += 4;
        foreach (var text in texts)
        {
            var length = StrictUtf8.GetBytes(text, bytes.AsSpan(at + 4));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), length);
            at += 4 + length;
        }

        return at;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> source, byte end, out long number)
    {
        if (!Utf8Parser.TryParse(source, out number, out var length) || number < 0 || length >= source.Length || source[length] != end)
            return false;
        source = source[(length + 1)..];
        return true;
    }

    private static bool TryReadTexts(ref ReadOnlySpan<byte> source, [NotNullWhen(true)] out string[]? texts)
    {
        texts = null;
        if (!TryReadLength(ref source, unit: 4, out var count))
            return false;
        var found = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadLength(ref source, unit: 1, out var length) || !TryDecodeTag(source[..length], out var text))
                return false;
            found[i] = text;
            source = source[length..];
        }

        texts = found;
        return true;
    }

    /// <summary>A count that the rest of the source can hold: nothing is allocated on the word of a stranger.</summary>
    private static bool TryReadLength(ref ReadOnlySpan<byte> source, int unit, out int length)
    {
        length = 0;
        if (source.Length < 4)
            return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(source);
        source = source[4..];
        return length >= 0 && length <= source.Length / unit;
    }
}
