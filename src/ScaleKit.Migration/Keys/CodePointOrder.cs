namespace ScaleKit.Migration;

/// <summary>
/// Orders text by code point, which is the byte order of UTF-8 and so the BINARY collation of SQLite and "C" of PostgreSQL. Ordinal comparison of .NET goes by
/// UTF-16 unit and puts U+10000 and above before U+E000: two stores would disagree about their order, and a comparison of both would report rows that are not missing.
/// </summary>
internal sealed class CodePointOrder : IComparer<string>
{
    public static readonly CodePointOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        var common = a.CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return Weight(a[common]).CompareTo(Weight(b[common]));
    }

    private static int Weight(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
