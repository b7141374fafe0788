using System.Globalization;

namespace EndpointLimits;

/// <summary>A limit as a response names it in its field RateLimit-Policy.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Permits">Permits in a window (q).</param>
/// <param name="Window">Length of the window (w).</param>
internal sealed record NamedLimit(string Policy, int Permits, TimeSpan Window)
{
    public static IReadOnlyList<NamedLimit> ReadFrom(HttpResponseMessage response) =>
        response.Headers.TryGetValues("RateLimit-Policy", out var values) ? [.. values.SelectMany(value => value.Split(", ")).Select(Parse)] : [];

    private static NamedLimit Parse(string item)
    {
        var parts = item.Split(';');
        return new(parts[0].Trim('"'), Number(parts, "q="), TimeSpan.FromSeconds(Number(parts, "w=")));
    }

    private static int Number(string[] parts, string name) =>
        int.Parse(parts.Single(part => part.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
}
