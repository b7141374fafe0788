using ScaleKit.Analysis.Caching;

namespace ScaleKit.Analysis.Admission;

/// <summary>Who comes when, for which room, how long they stay and how long they are ready to wait: more than there are seats for, and most for few rooms.</summary>
/// <param name="ArriveAt">Seconds, rising.</param>
/// <param name="Room">The room of each, 0 being the most popular one.</param>
/// <param name="Stay">Seconds in the seat.</param>
/// <param name="Patience">Seconds in the line.</param>
internal sealed record Crowd(double[] ArriveAt, int[] Room, double[] Stay, double Patience)
{
    public const double MeanStay = 10;

    /// <summary>Independent visitors who would fill <paramref name="offered"/> seats on average if nobody had to wait.</summary>
    public static Crowd Of(int visitors, int rooms, double exponent, double offered, int seed)
    {
        var random = new Random(seed);
        double Exponential(double mean) => -Math.Log(1 - random.NextDouble()) * mean;
        var (arrivals, at) = (new double[visitors], 0.0);
        for (var i = 0; i < visitors; i++)
        {
            arrivals[i] = at += Exponential(MeanStay / offered);
        }

        return new(arrivals, Trace.Zipf("rooms", rooms, exponent, visitors, seed).Keys, [.. arrivals.Select(_ => Exponential(MeanStay))], Patience: 60);
    }
}
