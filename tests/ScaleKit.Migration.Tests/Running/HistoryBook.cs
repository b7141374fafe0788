namespace ScaleKit.Migration.Tests;

/// <summary>
/// The checker of a history: for each key the last acknowledged value, and those whose outcome nobody learned. Every line of the writers is checked when it comes. Thread-safe. The empty text
/// stands for no row.
/// </summary>
internal sealed class HistoryBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<string>> _possible = [];
    private readonly HashSet<string> _asked = [];
    private long _lines;
    private int _increments;
    private int _unknownIncrements;
    private string? _anomaly;

    public long Lines => Volatile.Read(ref _lines);

    public string? Anomaly => Volatile.Read(ref _anomaly);

    public void Read(string line)
    {
        if (line.Split(' ') is not [var verb, var key, var value])
        {
            return;
        }

        lock (_gate)
        {
            _lines++;
            if (key == "counter")
            {
                Count(verb, value);
                return;
            }

            var possible = Possible(key);
            if (verb == "saw")
            {
                _anomaly ??= possible.Contains(value) ? null : $"{key} was read as '{value}', possible was '{string.Join("', '", possible)}'";
                return;
            }

            if (verb == "done")
            {
                possible.Clear();
            }

            possible.Add(value);
        }
    }

    /// <summary>The rows at the end: each one of its possible values, none that nobody wrote, no value twice, and each increment once.</summary>
    public void Check(IReadOnlyDictionary<string, string> rows)
    {
        lock (_gate)
        {
            Assert.Null(_anomaly);
            foreach (var key in _possible.Keys.Concat(rows.Keys.Where(static k => k.StartsWith("writer", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal))
            {
                Assert.Contains(rows.GetValueOrDefault(key, ""), Possible(key));
            }

            Assert.InRange(int.Parse(rows.GetValueOrDefault("counter", "0"), null), _increments, _increments + _unknownIncrements + _asked.Count);
            var values = rows.Where(static r => r.Key != "counter").Select(static r => r.Value).ToList();
            Assert.Equal(values.Count, values.Distinct(StringComparer.Ordinal).Count());
        }
    }

    private void Count(string verb, string value)
    {
        switch (verb)
        {
            case "try":
                _asked.Add(value);
                break;
            case "done" when _asked.Remove(value):
                _increments++;
                break;
            case "failed" when _asked.Remove(value):
                _unknownIncrements++;
                break;
        }
    }

    private HashSet<string> Possible(string key) => _possible.TryGetValue(key, out var possible) ? possible : _possible[key] = [""];
}
