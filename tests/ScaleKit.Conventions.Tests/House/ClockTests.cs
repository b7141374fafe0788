using System.Text.RegularExpressions;

namespace ScaleKit.Conventions.Tests;

/// <summary>The compiler bans wall clocks; this is the net under it, for a suppressed or unplugged analyzer.</summary>
public sealed class ClockTests
{
    // The exceptions, half the cost of a cache hit and of a limited call: a coarse reading of the system provider's own clock that MonotonicClockTests hold against
    // the exact one.
    private static readonly string[] CoarseClocks =
        ["src/ScaleKit.Admission/Waiting/QueueClock.cs", "src/ScaleKit.Caching/Local/MonotonicClock.cs", "src/ScaleKit.RateLimiting/Window/MonotonicClock.cs"];

    [Fact]
    public void Source_BannedMember_IsNotUsed()
    {
        var banned = File.ReadLines(Repository.Absolute("eng/BannedSymbols.txt"))
            .Select(line => Regex.Match(line, @"^[PM]:(?:\w+\.)*?(\w+\.\w+)(\([^;]*\))?;", RegexOptions.CultureInvariant))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value)
            // Task.Delay has an allowed overload: the compiler alone tells the two apart.
            .Where(member => member is not "Task.Delay")
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.Contains("DateTime.UtcNow", banned);
        Assert.Contains("Environment.TickCount64", banned);
        Assert.Contains("Thread.Sleep", banned);
        Offences.None(
            from hit in CodeLines()
            from member in banned
            where Regex.IsMatch(hit.Text, $@"\b{Regex.Escape(member)}\b", RegexOptions.CultureInvariant)
            select $"{hit.Place}: {member}",
            "Time comes from a TimeProvider:");
    }

    [Fact]
    public void Source_TimerOfItsOwn_IsNotUsed() => Offences.None(
        from hit in CodeLines()
        where Regex.IsMatch(hit.Text, @"\bnew (System\.Threading\.|System\.Timers\.)?Timer\(", RegexOptions.CultureInvariant)
        select hit.Place,
        "Timers come from TimeProvider.CreateTimer:");

    [Fact]
    public void Source_BannedApiAnalyzer_IsNotSwitchedOff() => Offences.None(
        from hit in CodeLines()
        where hit.Text.Contains("RS0030", StringComparison.Ordinal) || hit.Text.Contains("RS0031", StringComparison.Ordinal)
        select hit.Place,
        "The ban on wall clocks is not suppressed in the libraries:");

    private static IEnumerable<(string Place, string Text)> CodeLines() =>
        from path in Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.csproj"))
        where !CoarseClocks.Contains(Repository.Relative(path), StringComparer.Ordinal)
        from line in File.ReadLines(path).Select((text, index) => (text, number: index + 1))
        where !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal)
        select ($"{Repository.Relative(path)}({line.number})", line.text);
}
