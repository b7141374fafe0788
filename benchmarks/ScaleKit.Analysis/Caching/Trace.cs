namespace ScaleKit.Analysis.Caching;

/// <summary>A sequence of keys to ask for.</summary>
/// <param name="Name">What it imitates.</param>
/// <param name="Keys">The keys, as numbers.</param>
internal sealed record Trace(string Name, int[] Keys)
{
    private const int ScanEvery = 50_000;
    private const int ScanLength = 10_000;

    /// <summary>Independent requests whose popularity falls with the power <paramref name="exponent"/> of the rank.</summary>
    public static Trace Zipf(string name, int keys, double exponent, int requests, int seed)
    {
        var shares = new double[keys];
        var sum = 0.0;
        for (var i = 0; i < keys; i++)
            shares[i] = sum += Math.Pow(i + 1, -exponent);
        var random = new Random(seed);
        var trace = new int[requests];
        for (var i = 0; i < requests; i++)
        {
            var rank = Array.BinarySearch(shares, random.NextDouble() * sum);
            trace[i] = Math.Min(rank < 0 ? ~rank : rank, keys - 1);
        }

        return new(name, trace);
    }

    /// <summary>The same with a scan in it: a fifth of the requests ask for keys that nobody asks for again.</summary>
    public Trace WithScans(string name)
    {
        var next = int.MaxValue;
        var keys = (int[])Keys.Clone();
        for (var i = 0; i < keys.Length; i++)
        {
            if (i % ScanEvery >= ScanEvery - ScanLength)
                keys[i] = next--;
        }

        return new(name, keys);
    }

    /// <summary>All keys in turn, over and over.</summary>
    public static Trace Loop(string name, int keys, int requests) => new(name, [.. Enumerable.Range(0, requests).Select(i => i % keys)]);
}
