namespace LiveMigration;

/// <summary>
/// What each row may be, by what the writers said: the last acknowledged value, or one whose outcome nobody learned. It shares nothing with the library. The empty text stands for no row.
/// </summary>
internal sealed class Book(int seeded)
{
    private readonly Dictionary<string, HashSet<string>> _possible = new(StringComparer.Ordinal);

    public long Acknowledged { get; private set; }

    public long Unknown { get; private set; }

    public void Read(string line)
    {
        if (line.Split(' ') is not [var verb and ("try" or "done" or "failed"), var key, var value])
        {
            return;
        }

        var possible = Possible(key);
        switch (verb)
        {
            case "done":
                possible.Clear();
                Acknowledged++;
                break;
            case "failed":
                Unknown++;
                break;
        }

        possible.Add(value);
    }

    /// <summary>Compares the rows that are there with the book.</summary>
    public (long Lost, long Duplicated, long Resurrected) Check(IReadOnlyDictionary<string, string> rows)
    {
        var (lost, resurrected) = (0L, 0L);
        foreach (var key in rows.Keys.Concat(_possible.Keys).Concat(Enumerable.Range(0, seeded).Select(SeedRows.Key)).Distinct(StringComparer.Ordinal))
        {
            var possible = Possible(key);
            var value = rows.GetValueOrDefault(key, "");
            if (!possible.Contains(value))
            {
                var dead = possible.Count == 1 && possible.Contains("");
                (lost, resurrected) = dead ? (lost, resurrected + 1) : (lost + 1, resurrected);
            }
        }

        // Every value was written once, to one row.
        return (lost, rows.Count - rows.Values.Distinct(StringComparer.Ordinal).Count(), resurrected);
    }

    private HashSet<string> Possible(string key)
    {
        if (!_possible.TryGetValue(key, out var possible))
        {
            var seed = key.StartsWith("row/", StringComparison.Ordinal) ? SeedRows.Value(int.Parse(key[4..], null)) : "";
            _possible[key] = possible = new(StringComparer.Ordinal) { seed };
        }

        return possible;
    }
}
