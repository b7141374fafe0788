using System.Text;

namespace ScaleKit.Migration;

/// <summary>Makes ranges of keys.</summary>
public static class KeyRange
{
    /// <summary>All keys.</summary>
    public static KeyRange<TKey> All<TKey>()
        where TKey : notnull => default;

    /// <summary>From <paramref name="lower"/>, inclusive, to <paramref name="upper"/>, exclusive.</summary>
    public static KeyRange<TKey> Between<TKey>(TKey lower, TKey upper)
        where TKey : notnull =>
        new() { HasLower = true, Lower = lower, LowerInclusive = true, HasUpper = true, Upper = upper };

    /// <summary>From <paramref name="lower"/>, inclusive, upwards.</summary>
    public static KeyRange<TKey> From<TKey>(TKey lower)
        where TKey : notnull => new() { HasLower = true, Lower = lower, LowerInclusive = true };

    /// <summary>Everything below <paramref name="upper"/>, exclusive.</summary>
    public static KeyRange<TKey> Until<TKey>(TKey upper)
        where TKey : notnull => new() { HasUpper = true, Upper = upper };

    /// <summary>The text keys that begin with <paramref name="prefix"/>, in the order of <see cref="KeyFormat.Text"/>: all keys of one room, for example.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="prefix"/> is null.</exception>
    public static KeyRange<string> Prefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix.Length == 0 ? default
            : Successor(prefix) is { } upper ? Between(prefix, upper)
            : From(prefix);
    }

    // The first key after every key with the prefix: the last code point one up; U+10FFFF has no next one, so it is cut off.
    private static string? Successor(string prefix)
    {
        var rest = prefix.AsSpan();
        while (rest.Length > 0)
        {
            if (Rune.DecodeLastFromUtf16(rest, out var last, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw new ArgumentException("The prefix holds half of a surrogate pair.", nameof(prefix));
            }

            rest = rest[..^length];
            if (last.Value < 0x10FFFF)
            {
                var next = last.Value + 1;
                return string.Concat(rest, new Rune(next == 0xD800 ? 0xE000 : next).ToString());
            }
        }

        return null;
    }
}
