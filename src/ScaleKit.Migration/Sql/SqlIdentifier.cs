using System.Text.RegularExpressions;

namespace ScaleKit.Migration;

/// <summary>Names of tables and columns cannot be parameters, so they are checked once and quoted always.</summary>
internal static partial class SqlIdentifier
{
    // 63 bytes is PostgreSQL's limit; the side tables add a suffix of at most 7.
    private const int Maximum = 56;

    public static string Check(string? name, string option)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, option);
        return name.Length <= Maximum && Plain().IsMatch(name)
            ? name
            : throw new ArgumentException(
                $"{option} is '{Shown.Of(name)}'; a table or column name is a letter or underscore, then letters, digits and underscores, at most {Maximum} characters.", option);
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Plain();
}
