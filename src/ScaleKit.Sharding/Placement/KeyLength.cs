using System.Text;

namespace ScaleKit.Sharding;

/// <summary>Refuses a key over the stated length before it is hashed.</summary>
internal static class KeyLength
{
    public static void Validate(ReadOnlySpan<byte> utf8Key, int limit)
    {
        if (utf8Key.Length > limit)
        {
            Refuse(Encoding.UTF8.GetString(utf8Key[..Math.Min(utf8Key.Length, 100)]), utf8Key.Length, limit, nameof(utf8Key));
        }
    }

    /// <summary>For keys of more than a third of the limit in characters; a UTF-16 code unit becomes at most three bytes, so shorter ones need no counting.</summary>
    public static void Measure(ReadOnlySpan<char> key, int limit)
    {
        // And on average at least one byte: a huge key is refused without being read.
        if (key.Length > limit || Encoding.UTF8.GetByteCount(key) > limit)
        {
            Refuse(key, key.Length, limit, nameof(key));
        }
    }

    private static void Refuse(ReadOnlySpan<char> key, int length, int limit, string parameter) => throw new ArgumentException(
        $"The key '{ShardNames.Show(key)}' ({length} {(string.Equals(parameter, nameof(key), StringComparison.Ordinal) ? "characters" : "bytes")}) "
        + $"is over the limit of {limit} UTF-8 bytes ({nameof(ShardRouterOptions)}.{nameof(ShardRouterOptions.MaximumKeyLength)}).",
        parameter);
}
