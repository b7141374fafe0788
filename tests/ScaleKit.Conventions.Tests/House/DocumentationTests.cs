using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace ScaleKit.Conventions.Tests;

/// <summary>The compiler asks for a comment; this asks that something stands in it, on what reflection calls public.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void PublicMember_Documentation_SaysSomething() => Offences.None(
        from package in Package.All
        let documented = DocumentedIn(package)
        from type in package.PublicTypes
        from member in MembersOf(type).Prepend(type)
        let id = XmlDocId.Of(member)
        where !documented.Contains(id) && !IsRecordProperty(member, documented)
        select $"{package}: {id}",
        "A public member has a summary that is not empty (or inherits one):");

    /// <summary>Guards the identifiers themselves: if the rendering were wrong, every test above would blame the wrong member.</summary>
    [Fact]
    public void Id_OfEveryKindOfMember_IsTheCompilers()
    {
        var assembly = typeof(Offences).Assembly;
        var written = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Select(member => member.Attribute("name")!.Value)
            .Where(name => name.Contains("." + nameof(DocumentedSample<,>), StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        var computed = new[] { typeof(DocumentedSample<,>), typeof(DocumentedSample<,>.Inner<>) }
            .SelectMany(type => MembersOf(type).Prepend(type)).Select(XmlDocId.Of).Order(StringComparer.Ordinal);
        Assert.Equal(written, computed);
    }

    private static HashSet<string> DocumentedIn(Package package)
    {
        var path = Path.ChangeExtension(package.Assembly.Location, ".xml");
        Assert.True(File.Exists(path), $"{package} has no XML documentation beside its assembly");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            var name = member.Attribute("name")!.Value;
            if (member.Element("inheritdoc") is not null || HasText(member.Element("summary")))
            {
                ids.Add(name);
            }

            // The parameters of a positional record are its properties.
            foreach (var parameter in member.Elements("param").Where(HasText))
            {
                ids.Add($"{name}({parameter.Attribute("name")!.Value})");
            }
        }

        return ids;
    }

    private static bool HasText(XElement? element) => element is not null && (element.Value.Trim().Length > 0 || element.HasElements);

    private static bool IsRecordProperty(MemberInfo member, HashSet<string> documented) =>
        member is PropertyInfo && documented.Contains($"{XmlDocId.Of(member.DeclaringType!)}({member.Name})");

    private static IEnumerable<MemberInfo> MembersOf(Type type)
    {
        const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return typeof(MulticastDelegate).IsAssignableFrom(type)
            ? []
            : type.GetMembers(Declared).Where(member => member is not Type && IsVisible(member) && !IsSynthesized(member));
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
            && (!method.IsSpecialName || method.IsConstructor || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(a => a.IsPublic || a.IsFamily || a.IsFamilyOrAssembly),
        EventInfo happening => happening.AddMethod is { } add && (add.IsPublic || add.IsFamily),
        _ => false,
    };

    /// <summary>What the compiler adds of its own: default constructors, and the equality and printing of records.</summary>
    private static bool IsSynthesized(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.Name.Contains('<', StringComparison.Ordinal)
        || (member is ConstructorInfo constructor && constructor.GetParameters().Length == 0)
        || (member is PropertyInfo { Name: "EqualityContract" })
        || (member is MethodInfo { Name: "PrintMembers" or "Deconstruct" } or ConstructorInfo && IsRecord(member.DeclaringType!));

    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly) is not null;
}
