using System.Text;

namespace ScaleKit.Caching;

/// <summary>Makes a user's text fit for an exception message: at most 64 characters, control characters and lone surrogates escaped.</summary>
internal static class Printable
{
    private const int Longest = 64;

    public static string Of(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(Math.Min(text.Length, Longest) + 1);
        foreach (var c in text[..Math.Min(text.Length, Longest)])
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                result.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                result.Append(c);
        }

        return text.Length > Longest ? result.Append('…').ToString() : result.ToString();
    }
}
