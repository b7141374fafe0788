using System.Globalization;
using System.Text;

namespace ScaleKit.Redis;

/// <summary>What others wrote, made fit to be shown in a message.</summary>
internal static class Text
{
    private const int Longest = 160;

    /// <summary>At most 160 characters, control characters and lone surrogates escaped.</summary>
    public static string Shorten(string? value)
    {
        var text = new StringBuilder();
        foreach (var c in (value ?? "").AsSpan(0, Math.Min(value?.Length ?? 0, Longest)))
        {
            _ = char.IsControl(c) || char.IsSurrogate(c)
                ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}")
                : text.Append(c);
        }

        return value?.Length > Longest ? text.Append('…').ToString() : text.ToString();
    }
}
