namespace ScaleKit.Migration;

/// <summary>Makes the usual routings.</summary>
public static class ShardRouting
{
    /// <summary>The whole key decides.</summary>
    public static ShardRouting<string> WholeKey { get; } = new(static key => key);

    /// <summary>
    /// The part before the first <paramref name="separator"/> decides, or the whole key without one: with '/', every message <c>room/000000000123</c> lies on the shard of its room.
    /// </summary>
    public static ShardRouting<string> Before(char separator) => new(
        key => key.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var end ? key[..end] : key,
        range => OfRange(range, separator),
        rule: separator);

    // All keys between two bounds begin with "room/" when the lower one does and the upper one lies at or below the first key after all of "room/".
    private static string? OfRange(KeyRange<string> range, char separator)
    {
        if (!range.HasLower || !range.HasUpper || range.Lower!.IndexOf(separator, StringComparison.Ordinal) is not (>= 0 and var end))
        {
            return null;
        }

        var room = KeyRange.Prefix(range.Lower[..(end + 1)]);
        return room.HasUpper && CodePointOrder.Instance.Compare(range.Upper, room.Upper) is var order && (order < 0 || (order == 0 && !range.UpperInclusive))
            ? range.Lower[..end]
            : null;
    }
}
