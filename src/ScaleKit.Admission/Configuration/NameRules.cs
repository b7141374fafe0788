using System.Globalization;
using System.Text;

namespace ScaleKit.Admission;

/// <summary>What a room name and a client id may be. They come from users, so nothing is taken for granted.</summary>
internal static class NameRules
{
    private const int ShownLength = 32;

    public static void Require(string? value, int maximumLength, string argument, string what)
    {
        if (value is null)
        {
            throw new ArgumentNullException(argument, $"{what} must not be null.");
        }

        if (value.Length == 0)
        {
            throw new ArgumentException($"{what} must not be empty.", argument);
        }

        if (value.Length > maximumLength)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{what} \"{Shown(value)}\" has {value.Length} UTF-16 units; the limit is {maximumLength}."),
                argument);
        }

        // A plain loop: names are short, and the vectorised search allocates until the JIT has optimised it.
        foreach (var unit in value)
        {
            if (unit is < ' ' or > '~')
            {
                RequirePlainText(value, argument, what);
                return;
            }
        }
    }

    private static void RequirePlainText(string value, string argument, string what)
    {
        ReadOnlySpan<char> rest = value;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                throw new ArgumentException($"{what} \"{Shown(value)}\" has a lone surrogate; it must be valid UTF-16.", argument);
            }

            if (Rune.IsControl(rune))
            {
                throw new ArgumentException($"{what} \"{Shown(value)}\" has a control character; none is allowed.", argument);
            }

            rest = rest[length..];
        }
    }

    /// <summary>The beginning of a hostile value, with everything but printable ASCII escaped, fit for an exception message.</summary>
    internal static string Shown(string value)
    {
        var text = new StringBuilder();
        foreach (var unit in value.AsSpan(0, Math.Min(value.Length, ShownLength)))
        {
            _ = unit is >= ' ' and <= '~' and not ('"' or '\\')
                ? text.Append(unit)
                : text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
        }

        return value.Length > ShownLength ? text.Append("...").ToString() : text.ToString();
    }
}
