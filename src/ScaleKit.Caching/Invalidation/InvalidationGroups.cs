using System.Text;

namespace ScaleKit.Caching;

/// <summary>
/// Divides names among records, so that none is larger than 64 KiB: a server that appends one serves nobody else meanwhile, and every node hears each of them.
/// </summary>
internal static class InvalidationGroups
{
    public const int MostNames = 256;

    /// <summary>UTF-8 bytes of the names of one record, 4 more for each; beneath 64 KiB, for a record has a head. The longest name that options allow fits.</summary>
    public const int MostBytes = 65_000;

    public static IEnumerable<string[]> Of(IEnumerable<string> names)
    {
        var group = new List<string>();
        var bytes = 0;
        foreach (var name in names)
        {
            var length = Encoding.UTF8.GetByteCount(name) + sizeof(int);
            if (group.Count > 0 && (group.Count == MostNames || bytes + length > MostBytes))
            {
                yield return [.. group];
                group.Clear();
                bytes = 0;
            }

            group.Add(name);
            bytes += length;
        }

        if (group.Count > 0)
            yield return [.. group];
    }
}
