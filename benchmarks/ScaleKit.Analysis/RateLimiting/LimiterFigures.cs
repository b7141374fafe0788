using System.Globalization;

namespace ScaleKit.Analysis.RateLimiting;

/// <summary>What one limiter did under one load.</summary>
/// <param name="CallsASecond">In its best lap.</param>
/// <param name="P50">Microseconds of a call, over all laps.</param>
/// <param name="P99">Microseconds of a call, over all laps.</param>
/// <param name="Calls">Calls of all laps.</param>
/// <param name="Commands">Commands that the server worked on meanwhile, those inside of scripts included.</param>
internal sealed record LimiterFigures(double CallsASecond, double P50, double P99, double Calls, double Commands)
{
    /// <summary>The cells of a table: calls a second, latencies, commands a second and a call.</summary>
    public IEnumerable<string> Cells =>
        [Text(CallsASecond, "N0"), Text(P50, "N1"), Text(P99, "N1"), Text(Commands / Calls * CallsASecond, "N0"), Text(Commands / Calls, "0.000")];

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
