namespace ScaleKit.Sharding;

/// <summary>
/// The part of a key in braces that alone decides its place, by exactly the rule of the Redis Cluster specification ("Hash tags"): from the first
/// '{' to the first '}' after it, if there is anything between; else the whole key.
/// </summary>
internal static class HashTag
{
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> key)
    {
        var open = key.IndexOf('{');
        if (open < 0)
        {
            return key;
        }

        var inside = key[(open + 1)..];
        var close = inside.IndexOf('}');
        return close > 0 ? inside[..close] : key;
    }

    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0)
        {
            return key;
        }

        var inside = key[(open + 1)..];
        var close = inside.IndexOf((byte)'}');
        return close > 0 ? inside[..close] : key;
    }
}
