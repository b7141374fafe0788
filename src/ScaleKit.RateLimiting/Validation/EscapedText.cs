using System.Globalization;
using System.Text;

namespace ScaleKit.RateLimiting;

/// <summary>Text of unknown origin, made fit for an exception message or a log line: quoted, shortened, one printable line.</summary>
internal static class EscapedText
{
    private const int Shown = 64;

    public static string Of(string? text)
    {
        if (text is null)
        {
            return "null";
        }

        var result = new StringBuilder("'", Math.Min(text.Length, Shown) + 16);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, Shown)))
        {
            // Surrogates are escaped even in pairs: the cut may fall between the two.
            if (char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            }
            else
            {
                result.Append(c);
            }
        }

        result.Append('\'');
        return text.Length <= Shown ? result.ToString() : result.Append(CultureInfo.InvariantCulture, $"... ({text.Length} characters)").ToString();
    }
}
