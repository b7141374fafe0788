using System.Globalization;
using System.Net;
using System.Text;

namespace ScaleKit.Analysis;

/// <summary>Draws a line for each series over the same places. Follows the reader's light or dark scheme; every line is named at its end, not by colour alone.</summary>
public static class SvgLines
{
    private const int Width = 960;
    private const int Height = 420;
    private const int Margin = 48;
    private const int NameWidth = 190;
    private const int NameHeight = 16;
    private static readonly string[] Colours = ["#3b82c4", "#c2410c", "#15803d", "#a21caf", "#b45309", "#64748b", "#0e7490", "#be123c"];

    /// <summary>Writes the drawing to a file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="title">Says what is drawn and in which units.</param>
    /// <param name="places">The places on the horizontal axis, rising.</param>
    /// <param name="series">Names and values, one for each place.</param>
    /// <exception cref="ArgumentException">There is no series, or one has another number of values than there are places.</exception>
    public static void Write(string path, string title, IReadOnlyList<double> places, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series)
    {
        if (places.Count < 2 || series.Count == 0 || series.Any(s => s.Values.Count != places.Count))
        {
            throw new ArgumentException($"Lines over {places.Count} places need at least one series of as many values, and two places.", nameof(series));
        }

        var top = Math.Max(series.Max(s => s.Values.Max()), 1e-9) * 1.05;
        double X(double place) => Margin + ((place - places[0]) / (places[^1] - places[0]) * (Width - (2 * Margin) - NameWidth));
        double Y(double value) => Height - Margin - (value / top * (Height - (2 * Margin)));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <style>text{"{"}font:13px sans-serif;fill:#334{"}"}polyline{"{"}fill:none;stroke-width:2{"}"}line{"{"}stroke:#889{"}"}
            @media(prefers-color-scheme:dark){"{"}text{"{"}fill:#dde{"}"}{"}"}</style>
            <text x="{Margin}" y="24">{WebUtility.HtmlEncode(title)}</text>
            <line x1="{Margin}" x2="{X(places[^1]):0.##}" y1="{Y(0):0.##}" y2="{Y(0):0.##}"/>
            <text x="{Margin}" y="{Height - 14}">{places[0]:0.##}</text>
            <text x="{X(places[^1]) - 30:0.##}" y="{Height - 14}">{places[^1]:0.##}</text>
            <text x="4" y="{Y(top / 1.05) - 4:0.##}">{top / 1.05:N0}</text>

            """);
        foreach (var ((name, values), colour, nameY) in Named(series, Y))
        {
            var points = string.Join(' ', values.Select((v, i) => string.Create(CultureInfo.InvariantCulture, $"{X(places[i]):0.##},{Y(v):0.##}")));
            svg.Append(CultureInfo.InvariantCulture, $"""
                <polyline points="{points}" stroke="{colour}"/>
                <text x="{X(places[^1]) + 8:0.##}" y="{nameY:0.##}" style="fill:{colour}">{WebUtility.HtmlEncode(name)} {values[^1]:N0}</text>

                """);
        }

        File.WriteAllText(path, svg.Append("</svg>\n").ToString());
        Console.WriteLine($"drawn: {path}");
    }

    /// <summary>From the highest end to the lowest; names that would lie over each other move down.</summary>
    private static IEnumerable<((string Name, IReadOnlyList<double> Values) Series, string Colour, double NameY)> Named(
        IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series, Func<double, double> y)
    {
        var lowest = double.NegativeInfinity;
        foreach (var (one, index) in series.Select((s, i) => (s, i)).OrderByDescending(pair => pair.s.Values[^1]))
        {
            lowest = Math.Max(y(one.Values[^1]) + 4, lowest + NameHeight);
            yield return (one, Colours[index % Colours.Length], lowest);
        }
    }
}
