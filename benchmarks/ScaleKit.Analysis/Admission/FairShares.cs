namespace ScaleKit.Analysis.Admission;

/// <summary>What each room would get if seats were divided fairly, and how even a division is.</summary>
internal static class FairShares
{
    /// <summary>
    /// Max-min fair: no room gets more than it asks for or has seats, and who gets less than that gets as much as any other. The level rises until all is given
    /// (Bertsekas and Gallager, Data Networks, 6.5.2).
    /// </summary>
    public static double[] MaxMin(double[] asked, double seats, int roomSeats)
    {
        double[] wanted = [.. asked.Select(a => Math.Min(a, roomSeats))];
        var (low, high) = (0.0, (double)roomSeats);
        for (var step = 0; step < 60; step++)
        {
            var level = (low + high) / 2;
            (low, high) = wanted.Sum(w => Math.Min(w, level)) > seats ? (low, level) : (level, high);
        }

        return [.. wanted.Select(w => Math.Min(w, high))];
    }

    /// <summary>Jain's index: 1 when all are equal, 1/n when one has all (Jain, Chiu, Hawe, DEC-TR-301).</summary>
    public static double Jain(IReadOnlyCollection<double> shares) =>
        shares.Sum() is var sum && sum > 0 ? sum * sum / (shares.Count * shares.Sum(s => s * s)) : 0;
}
