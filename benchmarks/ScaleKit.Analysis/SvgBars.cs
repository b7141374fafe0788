using System.Globalization;
using System.Net;
using System.Text;

namespace ScaleKit.Analysis;

/// <summary>Draws a row of bars with the expected value as a line. Follows the reader's light or dark scheme.</summary>
public static class SvgBars
{
    private const int Width = 960;
    private const int Height = 320;
    private const int Margin = 40;

    /// <summary>Writes the drawing to a file; without values there is nothing to draw.</summary>
    public static void Write(string path, string title, IReadOnlyList<double> values, double expected)
    {
        if (values.Count == 0)
        {
            return;
        }

        var top = Math.Max(values.Max(), expected) * 1.05;
        double Y(double value) => Height - Margin - (value / top * (Height - (2 * Margin)));
        var step = (double)(Width - (2 * Margin)) / values.Count;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" role="img">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <style>text{"{"}font:13px sans-serif;fill:#334{"}"}rect{"{"}fill:#3b82c4{"}"}line{"{"}stroke:#c2410c;stroke-dasharray:6 4{"}"}
            @media(prefers-color-scheme:dark){"{"}text{"{"}fill:#dde{"}"}rect{"{"}fill:#7ab8f0{"}"}line{"{"}stroke:#fb923c{"}"}{"}"}</style>
            <text x="{Margin}" y="24">{WebUtility.HtmlEncode(title)}</text>

            """);
        for (var i = 0; i < values.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<rect x=\"{Margin + (i * step):0.##}\" y=\"{Y(values[i]):0.##}\" width=\"{Math.Max(0.4, step * 0.85):0.##}\" height=\"{Height - Margin - Y(values[i]):0.##}\"/>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"""
            <line x1="{Margin}" x2="{Width - Margin}" y1="{Y(expected):0.##}" y2="{Y(expected):0.##}"/>
            <text x="{Margin}" y="{Height - 12}">lowest {values.Min():0.####}, highest {values.Max():0.####}, expected {expected:0.####}</text>
            </svg>

            """);
        File.WriteAllText(path, svg.ToString());
        Console.WriteLine($"drawn: {path}");
    }
}
