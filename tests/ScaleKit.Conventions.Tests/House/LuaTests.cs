using System.Text.RegularExpressions;
using ScaleKit.TestKit;

namespace ScaleKit.Conventions.Tests;

/// <summary>A script is called by strangers in another language: its header is its signature, and only a server can say that it is Lua.</summary>
public sealed partial class LuaTests
{
    private static IReadOnlyList<string> Scripts { get; } = Repository.Files("src", "*.lua");

    [Fact]
    public void Script_Header_NamesKeysArgumentsAndResult() => Offences.None(
        from path in Scripts
        let header = Header(path)
        from word in new[] { "KEYS", "ARGV", "Returns" }
        where !header.Exists(line => Regex.IsMatch(line, $@"^--\s+{word}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
        select $"{Repository.Relative(path)}: no line '-- {word} ...' (write 'none' where there is none)",
        "A script begins with a comment that says what goes in and what comes out:");

    [Fact]
    public void Script_EachInput_StandsInTheHeader() => Offences.None(
        from path in Scripts
        let header = string.Join('\n', Header(path))
        from match in Input().Matches(string.Join('\n', File.ReadLines(path).Skip(Header(path).Count)))
        where !header.Contains(match.Value, StringComparison.Ordinal)
        select $"{Repository.Relative(path)}: {match.Value}",
        "Every key and argument that a script reads is described in its header:");

    [Fact]
    public void Script_EachFile_IsEmbeddedInItsAssembly() => Offences.None(
        from path in Scripts
        let package = Package.All.Single(p => Repository.Relative(path).StartsWith(p.Folder + "/", StringComparison.Ordinal))
        where !Array.Exists(package.Assembly.GetManifestResourceNames(), name => name.EndsWith(Path.GetFileName(path), StringComparison.Ordinal))
        select Repository.Relative(path),
        "A script travels inside the assembly that calls it:");

    [Fact]
    public async Task Script_EachFile_LoadsOnARealServer()
    {
        await using var server = await RedisServer.StartAsync();
        var offences = new List<string>();
        foreach (var path in Scripts)
        {
            try
            {
                await server.CommandAsync("SCRIPT", "LOAD", await File.ReadAllTextAsync(path));
            }
            catch (InvalidOperationException e)
            {
                offences.Add($"{Repository.Relative(path)}: {e.Message}");
            }
        }

        Offences.None(offences, "The server compiles every script:");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => server.CommandAsync("SCRIPT", "LOAD", "local x = "));
        Assert.Contains("Error compiling script", refusal.Message, StringComparison.Ordinal);
    }

    private static List<string> Header(string path) => [.. File.ReadLines(path).TakeWhile(line => line.StartsWith("--", StringComparison.Ordinal))];

    [GeneratedRegex(@"\b(?:KEYS|ARGV)\[\d+\]", RegexOptions.CultureInvariant)]
    private static partial Regex Input();
}
