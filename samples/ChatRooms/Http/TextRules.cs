using System.Globalization;
using System.Text;

namespace ChatRooms;

/// <summary>What people may be called and may say. Both are shown as text only, whatever they hold; these rules keep them readable.</summary>
internal static class TextRules
{
    public const int NicknameLength = 24;
    public const int MessageLength = 500;
    public const int RefLength = 40;

    public static bool TryNickname(string? text, out string nickname, out string problem)
    {
        nickname = text?.Trim() ?? "";
        problem = "";
        if (nickname.Length is 0 or > NicknameLength)
            problem = $"A nickname has 1 to {NicknameLength} characters.";
        else if (!nickname.EnumerateRunes().All(IsNameRune) || nickname.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar))
            problem = "A nickname is made of letters, digits, spaces and . _ - '";
        return problem.Length == 0;
    }

    public static bool TryMessage(string? text, out string message, out string problem)
    {
        message = text?.Trim() ?? "";
        problem = "";
        if (message.Length is 0 or > MessageLength)
            problem = $"A message has 1 to {MessageLength} characters.";
        else if (message.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || (Rune.IsControl(rune) && rune.Value != '\n')))
            problem = "A message holds no control characters.";
        return problem.Length == 0;
    }

    public static bool TryRef(string? text, out string problem)
    {
        problem = text is { Length: > 0 and <= RefLength } && text.All(char.IsAsciiLetterOrDigit)
            ? ""
            : $"'ref' is your own number of the message: 1 to {RefLength} ASCII letters or digits.";
        return problem.Length == 0;
    }

    private static bool IsNameRune(Rune rune) =>
        rune.Value is ' ' or '.' or '_' or '-' or '\''
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber;
}
