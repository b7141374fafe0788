using System.Globalization;
using System.Text;

namespace ScaleKit.Sharding;

/// <summary>
/// What a shard, zone or region may be called. Printable ASCII only: such names sort and compare alike in every language, have one
/// encoding, and can be written into a log line or a fingerprint as they are.
/// </summary>
internal static class ShardNames
{
    private const int Limit = 128;
    private const int Shown = 40;

    public static void Validate(string name, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        if (name.Length is 0 or > Limit)
        {
            throw new ArgumentException($"The {parameter} must have 1 to {Limit} characters; '{Show(name)}' has {name.Length}.", parameter);
        }

        foreach (var c in name)
        {
            if (c is < '!' or > '~')
            {
                throw new ArgumentException(
                    $"The {parameter} must be printable ASCII without spaces; '{Show(name)}' has U+{(int)c:X4}.", parameter);
            }
        }
    }

    /// <summary>Foreign text fit for a message: at most 40 characters, everything but printable ASCII escaped.</summary>
    public static string Show(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder();
        foreach (var c in text[..Math.Min(text.Length, Shown)])
        {
            _ = c is < ' ' or > '~' ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : shown.Append(c);
        }

        return text.Length > Shown ? shown.Append("...").ToString() : shown.ToString();
    }
}
