-- SPDX-License-Identifier: MIT
-- Makes fields of the comments that wizhil writes at packets (wizhil run, wizhil diagnose --annotate), for
-- filters, columns and tshark -e:
--   wizhil.role         "probe 2 of 8", "answer", "RST of the prober", "missing"
--   wizhil.gap          seconds since the probe before
--   wizhil.window       what was expected, "75 +- 0.52 s"
--   wizhil.from, .to    the same as its ends, in seconds
--   wizhil.requirement, wizhil.outcome    "KA-SCHED-02", "fails"
--   wizhil.uart         a line of the UART
-- To have it in Wireshark: copy or link it into the folder that Help, About, Folders names "Personal Lua
-- Plugins"; once: tshark -X lua_script:wizhil.lua.
local wizhil = Proto("wizhil", "wizhil's judge")

local fields = {
	role = ProtoField.string("wizhil.role", "Role"),
	gap = ProtoField.double("wizhil.gap", "Gap in s"),
	window = ProtoField.string("wizhil.window", "Expected"),
	from = ProtoField.double("wizhil.from", "Expected from, s"),
	to = ProtoField.double("wizhil.to", "Expected to, s"),
	requirement = ProtoField.string("wizhil.requirement", "Requirement"),
	outcome = ProtoField.string("wizhil.outcome", "Outcome"),
	uart = ProtoField.string("wizhil.uart", "UART"),
}
local failure = ProtoExpert.new("wizhil.failure", "not as expected", expert.group.SEQUENCE, expert.severity.WARN)
wizhil.fields = fields
wizhil.experts = { failure }

local comment_of = Field.new("frame.comment")

-- What a comment begins with, and what it is then; the first that fits.
local roles = {
	{ "^keep%-alive (probe %d+ of %d+)", "%s" },
	{ "^keep%-alive (probe %d+)", "%s" },
	{ "^answer to the keep%-alive probe", "answer" },
	{ "^RST to the keep%-alive probe", "RST answer" },
	{ "^(RST of the %a+)", "%s" },
	{ "^missing ", "missing" },
}

local function role_of(line)
	for _, role in ipairs(roles) do
		local found = line:match(role[1])
		if found then
			return role[2] == "%s" and found or role[2]
		end
	end
end

local function add_expected(tree, line)
	for window, requirement, outcome in line:gmatch("expected ([^:]+ s): (%S+) ([^,]+)") do
		tree:add(fields.window, window)
		local middle, half = window:match("^([%d.]+) %+%- ([%d.]+) s")
		local most = window:match("^within ([%d.]+) s")
		if middle then
			tree:add(fields.from, tonumber(middle) - tonumber(half))
			tree:add(fields.to, tonumber(middle) + tonumber(half))
		elseif most then
			tree:add(fields.to, tonumber(most))
		end
		tree:add(fields.requirement, requirement)
		local shown = tree:add(fields.outcome, outcome)
		if outcome == "fails" then
			shown:add_proto_expert_info(failure, requirement .. " fails")
		end
	end
end

function wizhil.dissector(_, pinfo, root)
	local tree
	for _, comment in ipairs({ comment_of() }) do
		for line in tostring(comment):gmatch("[^\n]+") do
			local role, said = role_of(line), line:match("^UART at (.*)$")
			if role or said then
				tree = tree or root:add(wizhil)
			end
			if said then
				tree:add(fields.uart, said)
			end
			if role then
				tree:add(fields.role, role)
				local gap = line:match(", gap ([%d.]+) s")
				if gap then
					tree:add(fields.gap, tonumber(gap))
				end
				pinfo.cols.info:append(" [" .. line:gsub("^keep%-alive ", "") .. "]")
			end
			if tree then
				add_expected(tree, line)
			end
		end
	end
end

register_postdissector(wizhil)
