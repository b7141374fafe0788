using System.Text.Json;
using System.Text.Json.Nodes;

namespace EndpointLimits;

/// <summary>The table of limits: the file beside the program, or a copy of it that the program may edit while it runs.</summary>
internal sealed class LimitsFile : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly string? _folder;

    public LimitsFile(bool isOwn)
    {
        Path = System.IO.Path.Combine(AppContext.BaseDirectory, "limits.json");
        if (isOwn)
        {
            _folder = Directory.CreateTempSubdirectory("endpoint-limits-").FullName;
            var copy = System.IO.Path.Combine(_folder, "limits.json");
            File.Copy(Path, copy);
            Path = copy;
        }
    }

    public string Path { get; }

    public IEnumerable<string> PolicyNames => PoliciesOf(Read()).Select(policy => policy.Key);

    /// <summary>Puts another text in place of the file, whole, as an editor does.</summary>
    public void Edit(Action<JsonObject> change)
    {
        var root = Read();
        change(PoliciesOf(root));
        var draft = Path + ".new";
        File.WriteAllText(draft, root.ToJsonString(Indented));
        File.Move(draft, Path, overwrite: true);
    }

    public void Dispose()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private JsonNode Read() => JsonNode.Parse(File.ReadAllText(Path))!;

    private static JsonObject PoliciesOf(JsonNode root) => root["ScaleKit"]!["RateLimiting"]!["Policies"]!.AsObject();
}
