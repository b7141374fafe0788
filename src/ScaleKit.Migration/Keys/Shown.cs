using System.Text;

namespace ScaleKit.Migration;

/// <summary>A user's text as a message may show it: 40 characters at most unless it is told otherwise, everything that is not plain escaped.</summary>
internal static class Shown
{
    public static string Of(string text, int maximum = 40)
    {
        var shown = new StringBuilder();
        foreach (var unit in text.AsSpan(0, Math.Min(text.Length, maximum)))
        {
            if (char.IsControl(unit) || char.IsSurrogate(unit))
            {
                shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            }
            else
            {
                shown.Append(unit);
            }
        }

        return text.Length > maximum ? shown.Append('…').ToString() : shown.ToString();
    }
}
