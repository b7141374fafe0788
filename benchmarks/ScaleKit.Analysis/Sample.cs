namespace ScaleKit.Analysis;

/// <summary>Measured values, and what can be said of them together.</summary>
internal sealed class Sample
{
    private readonly List<double> _values = [];

    public double Highest => _values.DefaultIfEmpty().Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>The value that a share of all values does not exceed.</summary>
    public double Quantile(double share)
    {
        var sorted = _values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>How many values lie in each of so many equal parts from 0 to <paramref name="top"/>; the last part has those above too.</summary>
    public double[] Histogram(int parts, double top)
    {
        var counts = new double[parts];
        foreach (var value in _values)
        {
            counts[Math.Clamp((int)(value / top * parts), 0, parts - 1)]++;
        }

        return counts;
    }
}
